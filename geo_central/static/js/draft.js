// What has been written so far, kept on this device until it is sent or thrown away.
const KEY = 'geocentral.draft';
const DAYS = 7;

/** @returns {Record<string, unknown> | null} the draft, unless it is too old */
export function readDraft() {
  try {
    const draft = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    return draft && Date.now() - draft.at < DAYS * 86_400_000 ? draft : null;
  } catch {
    return null; // storage is off, or holds something else: there is no draft
  }
}

/** @param {Record<string, unknown>} fields */
export function keepDraft(fields) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...fields, at: Date.now() }));
  } catch {
    // Storage is full or off (private windows): the page works all the same, without a draft.
  }
}

export function dropDraft() {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // As above.
  }
}
