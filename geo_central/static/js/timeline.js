// A time slider with play: step 0 is the whole period, the others are given by the page.
const still = matchMedia('(prefers-reduced-motion: reduce)');
const PACE = 900;

/** `onStep` is called with the step, or null for the whole period; `words` says a step. */
export function timeline({ slider, play, output, onStep, words = (step) => step.name }) {
  const whole = output.textContent;
  const label = play.querySelector('span');
  const start = label.textContent;
  let steps = [];
  let timer = 0;

  const now = () => steps[Number(slider.value) - 1] ?? null;

  function say() {
    const step = now();
    output.textContent = step ? words(step) : whole;
    slider.setAttribute('aria-valuetext', step?.name ?? whole);
  }

  function run(on) {
    clearInterval(timer);
    play.setAttribute('aria-pressed', String(on));
    label.textContent = on ? play.dataset.stop : start;
    if (!on) return;
    timer = setInterval(() => {
      const next = Number(slider.value) + 1;
      if (next > steps.length) run(false);
      else go(next);
    }, still.matches ? 2 * PACE : PACE);
  }

  function go(to) {
    slider.value = String(to);
    say();
    onStep(now());
  }

  slider.addEventListener('input', () => {
    run(false);
    go(slider.value);
  });
  play.addEventListener('click', () => {
    const starts = play.getAttribute('aria-pressed') === 'false';
    if (starts && Number(slider.value) >= steps.length) go(0);
    run(starts);
  });

  return {
    now,
    /** Which step, from 1; 0 is the whole period. */
    get at() { return Number(slider.value); },
    /** Other steps, from the whole period on. */
    set(given) {
      run(false);
      steps = given;
      slider.max = String(steps.length);
      slider.value = '0';
      say();
    },
  };
}
