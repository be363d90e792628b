/**
 * The documentation's table phase × message → what happens, rendered from the very function that decides.
 */
import { decideMessage } from './decide-message.ts';
import { MESSAGE_NAMES } from './message-names.ts';
import type { MessageAction, Situation } from './message-names.ts';

const CELL: Readonly<Record<MessageAction, string>> = {
  approve: 'goes on',
  reject: 'refused',
  hold: 'held',
  resume: 'goes on',
  unwind: 'unwinds',
  stop: 'refused',
  keep: 'kept',
  retry: 'tries again',
  'close-parked': 'closes parked',
  'close-unrecorded': 'closes unrecorded',
};

const ROWS: readonly { readonly label: string; readonly situation: Situation }[] = [
  row('loading, observing, planning, window, claiming, backup, fetch', 'fetch', false),
  row('approval', 'approval', false),
  row('swap, migrate, judge, soak', 'judge', true),
  row('settle', 'settle', true),
  row('evidence, unwind, judge-old', 'unwind', true),
  row('parked, something was changed', 'parked', true),
  row('parked, nothing was changed', 'parked', false),
  {
    label: 'parked, not recorded',
    situation: { phase: 'parked', swapped: true, held: false, settling: true },
  },
  row('held before the swap', 'fetch', false, true),
  row('held after the swap', 'judge', true, true),
  row('closed', 'closed', true),
];

function row(label: string, phase: Situation['phase'], swapped: boolean, held = false) {
  return { label, situation: { phase, swapped, held } };
}

/** Renders the table as Markdown; `–` is a message that is refused, with the reason, and changes nothing. */
export function renderMessageTable(): string {
  const lines = [
    ['phase', ...MESSAGE_NAMES.map((name) => `\`${name}\``)],
    ['---', ...MESSAGE_NAMES.map(() => '---')],
    ...ROWS.map(({ label, situation }) => [
      label,
      ...MESSAGE_NAMES.map((message) => {
        const decided = decideMessage(message, situation);
        return 'refused' in decided ? '–' : CELL[decided.action];
      }),
    ]),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
