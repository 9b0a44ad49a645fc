// The page of one request keeps itself up to date.
import { keep } from 'house/live';

keep(document.querySelector('[data-stream]'));
