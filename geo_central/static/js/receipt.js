// The request has been filed: its draft is of no more use.
import { dropDraft } from 'house/draft';

dropDraft();
