// The dictionaries: complete by their types; here, that they say something, and each in its own language.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { errorCodes } from '../../src/gallery/errors.ts';
import { cocoLabels, countedLabel, labelName, spokenLabel } from '../../src/gallery/labels.ts';
import type { Failure } from '../../src/gallery/photo.ts';
import { errorSentence, openSpeech, reasonOf } from '../../src/http/words.ts';

const hangul = /[가-힣]/;

describe('errors and failures', () => {
  it('have a whole sentence for every code, in each language', () => {
    for (const code of errorCodes) {
      assert.match(errorSentence('en', code), /^[A-Z].*\.$/, code);
      assert.doesNotMatch(errorSentence('en', code), hangul, code);
      assert.match(errorSentence('ko', code), /[가-힣]요\.$/, code);
    }
  });

  it('name the limit that was passed', () => {
    assert.match(errorSentence('en', 'too-large', { limitMb: 100 }), /100 MB/);
    assert.match(errorSentence('ko', 'too-many-pixels', { limit: 50 }), /50메가픽셀/);
    assert.match(errorSentence('en', 'too-many-frames', { limit: 300 }), /300/);
    assert.match(errorSentence('ko', 'title-too-long'), /200자/);
  });

  it('tell why developing ended and what to do next', () => {
    for (const code of ['damaged', 'crashed', 'timed-out', 'out-of-memory', 'missing-original'] as const) {
      const failure: Failure = { code };
      assert.match(reasonOf(failure, 'en'), /\. .*\.$/, code);
      assert.match(reasonOf(failure, 'ko'), /요\.$/, code);
    }
    assert.match(
      reasonOf({ code: 'damaged', detail: 'no end marker.' }, 'en'),
      /^damaged: .*\(no end marker\)\. The/,
    );
    assert.match(reasonOf({ code: 'damaged' }, 'ko'), /^손상됨: /);
  });
});

describe('what was done', () => {
  const { actions } = openSpeech('ko').words.audit;

  it('is said in Korean with one colon, whatever it was', () => {
    for (const [action, say] of Object.entries(actions))
      for (const subject of ['', '이것'])
        assert.equal(
          (say as (who: string, whom: string) => string)('엄마', subject).split(': ').length,
          2,
          action,
        );
    assert.equal(actions.invited('엄마', '보기 전용'), '엄마: 초대했어요 (보기 전용)');
    assert.equal(actions['passkey-added']('엄마', ''), '엄마: 패스키를 더했어요');
  });

  it('does not call it somebody else’s attempt when a password was mistyped', () => {
    const say = openSpeech('en').words.audit.actions['confirmation-failed'];
    assert.equal(say('Miri', ''), 'Miri typed a wrong password');
    assert.equal(say('Miri', 'passkey'), 'Miri used a passkey that was not accepted');
  });
});

describe('labels', () => {
  it('have 80 names, all different, in each language', () => {
    for (const language of ['en', 'ko'] as const) {
      assert.equal(new Set(cocoLabels.map((label) => labelName(label, language))).size, 80);
    }
    for (const label of cocoLabels) assert.match(labelName(label, 'ko'), hangul);
  });

  it('are counted as people say it', () => {
    const counts = (label: string, count: number) => [
      countedLabel(label, count, 'en'),
      spokenLabel(label, count, 'en'),
      countedLabel(label, count, 'ko'),
      spokenLabel(label, count, 'ko'),
    ];
    assert.deepEqual(counts('person', 2), ['2 people', '2 people', '사람 2', '사람 2명']);
    assert.deepEqual(counts('bus', 3), ['3 buses', '3 buses', '버스 3', '버스 3대']);
    assert.deepEqual(counts('dog', 1), ['dog', '1 dog', '개', '개 1마리']);
    assert.deepEqual(counts('scissors', 1).slice(0, 2), ['scissors', '1 pair of scissors']);
    assert.deepEqual(counts('bench', 2).slice(0, 1), ['2 benches']);
    assert.deepEqual(counts('wine glass', 2).slice(0, 1), ['2 wine glasses']);
    assert.deepEqual(counts('knife', 2).slice(0, 1), ['2 knives']);
  });

  it('that nobody knows keep their own name', () => {
    assert.equal(labelName('constructor', 'ko'), 'constructor');
    assert.equal(spokenLabel('unicorn', 2, 'ko'), 'unicorn 2개');
    assert.equal(countedLabel('toString', 2, 'en'), '2 toStrings');
  });
});

describe('days', () => {
  it('are counted by the calendar, also across a night and a change of clocks', () => {
    const { dayHeading } = openSpeech('en');
    assert.equal(dayHeading(new Date(2026, 10, 19, 23, 59), new Date(2026, 10, 20, 0, 1)), 'Yesterday');
    assert.equal(dayHeading(new Date(2026, 9, 24, 12), new Date(2026, 9, 25, 23)), 'Yesterday');
    assert.equal(dayHeading(new Date(2025, 10, 20), new Date(2026, 10, 20)), '20 November 2025');
  });
});
