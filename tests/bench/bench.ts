import { benchCompile } from './compile.ts';
import { benchDelivery, benchPostgres } from './delivery.ts';

/**
 * `npm run bench`: how fast, as ratios against peers in the same run, for machines differ and are shared. About fifteen
 * minutes, with `-- --quick` one; a part alone: `-- compile`, `-- delivery`, `-- postgres`. All traffic stays on this
 * machine. With Postfix installed (`smtp-sink` and `smtp-source`) delivery is held against it too.
 */
const words = process.argv.slice(2);
const quick = words.includes('--quick');
const parts = words.filter((word) => !word.startsWith('--'));
const wanted = (part: string) => parts.length === 0 || parts.includes(part);
if (wanted('compile')) await benchCompile();
if (wanted('delivery')) await benchDelivery(quick, null);
if (wanted('postgres')) await benchPostgres(quick);
