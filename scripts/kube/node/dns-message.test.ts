import { expect, test } from 'vitest';
import { readQuestion, writeAnswer } from './dns-message.ts';
import type { Question } from './dns-message.ts';

/** A query as a resolver sends it: recursion desired, one question. */
function query(name: string, type = 1): Buffer {
  const header = Buffer.from('abcd01000001000000000000', 'hex');
  const labels = name.split('.').map((label) => Buffer.from(`\0${label}`));
  for (const label of labels) label[0] = label.length - 1;
  return Buffer.concat([header, ...labels, Buffer.from([0, 0, type, 0, 1])]);
}

function question(name: string, type = 1): Question {
  const read = readQuestion(query(name, type));
  if (read === undefined) throw new Error('not read');
  return read;
}

test('a question is read, whatever its case', () => {
  expect(question('Web.Default.svc')).toMatchObject({
    id: 0xabcd,
    name: 'web.default.svc',
    type: 1,
    recursionDesired: true,
  });
});

test.each([
  ['too short', Buffer.from('abcd', 'hex')],
  ['an answer', Buffer.from('abcd81000001000000000000', 'hex')],
  ['without a question', Buffer.from('abcd01000000000000000000', 'hex')],
  ['cut in the name', query('web').subarray(0, 14)],
  ['cut behind the name', query('web').subarray(0, -1)],
  ['a pointer', Buffer.from('abcd01000001000000000000c00c00010001', 'hex')],
])('what is %s is left unanswered', (_what, message) => {
  expect(readQuestion(message)).toBeUndefined();
});

test('an answer holds the question and every address', () => {
  const asked = question('web');
  const answer = writeAnswer(asked, { is: 'known', addresses: ['10.96.0.7', '10.96.1.255'] });
  expect(answer.toString('hex')).toBe(
    'abcd85800001000200000000' +
      asked.bytes.toString('hex') +
      'c00c00010001000000020004' +
      '0a600007' +
      'c00c00010001000000020004' +
      '0a6001ff',
  );
});

test.each([
  ['unknown', 3],
  ['failed', 2],
] as const)('a name that is %s has code %i', (is, code) => {
  expect((writeAnswer(question('web'), { is })[3] ?? 0) & 15).toBe(code);
});

test('a known name has no IPv6 address, which is no error', () => {
  const answer = writeAnswer(question('web', 28), { is: 'known', addresses: ['10.96.0.7'] });
  expect([(answer[3] ?? 0) & 15, answer.readUInt16BE(6)]).toEqual([0, 0]);
});

test('an answer fits into a datagram', () => {
  const addresses = Array.from({ length: 200 }, (_, index) => `10.244.0.${index}`);
  const name = `${'a'.repeat(60)}.${'b'.repeat(60)}`;
  expect(writeAnswer(question(name), { is: 'known', addresses }).length).toBeLessThan(533);
});
