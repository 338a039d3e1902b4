import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countingVotes } from './agreement.ts';
import {
  ApprovalConfigSchema,
  isAtLeast,
  openStage,
  personOf,
  ruleFor,
  stagesOf,
  voteFault,
  votesFault,
  votesNeeded,
  type Author,
  type Rule,
  type Voter,
} from './approval-rule.ts';
import type { Vote } from './decision.ts';
import { mixedWord, skeleton } from './lookalike.ts';

const CONFIG = ApprovalConfigSchema.parse({});
const ONE = { approver_role: 'operator', quorum: 1 } as const;
const TWO: Rule = { stages: [{ title: '', role: 'operator', quorum: 2 }], allows_self: true };
const NO_SELF: Rule = { stages: [{ title: '', role: 'operator', quorum: 1 }], allows_self: false };
const person = (name: string, role = 'operator'): Voter => ({ by: `${role}:0123456789ab`, by_name: name });
const NOBODY: Voter = { by: 'admin:0123456789ab' };
const wrote = (name: string | undefined, change: Partial<Author> = {}): Author => ({
  by: 'admin:0123456789ab',
  class: 'human',
  ...(name === undefined ? {} : { by_name: name }),
  ...change,
});

describe('the rule of an approval', () => {
  it('asks a lone operator for nobody else, and a team for another person from medium risk on', () => {
    expect(ruleFor(ONE, CONFIG, 'high', 1)).toEqual({ stages: stagesOf(ONE), allows_self: true });
    expect(ruleFor(ONE, CONFIG, 'medium', 2).allows_self).toBe(false);
    expect(ruleFor(ONE, CONFIG, 'low', 2).allows_self).toBe(true);
    expect(ruleFor(ONE, { ...CONFIG, self_approval: 'allowed' }, 'high', 9).allows_self).toBe(true);
    expect(ruleFor(ONE, { ...CONFIG, self_approval: 'refused' }, 'medium', 0).allows_self).toBe(false);
  });

  it('is never weaker than the plan asks for, whatever the instance is set to', () => {
    const stage = fc.record({
      title: fc.constant(''),
      role: fc.constantFrom('operator' as const, 'admin' as const),
      quorum: fc.integer({ min: 1, max: 4 }),
    });
    const policy = fc.record({
      approver_role: fc.constantFrom('operator' as const, 'admin' as const),
      quorum: fc.integer({ min: 1, max: 5 }),
      stages: fc.option(fc.array(stage, { minLength: 1, maxLength: 4 }), { nil: undefined }),
    });
    const floor = fc.integer({ min: 1, max: 8 });
    fc.assert(
      fc.property(
        policy,
        fc.record({ low: floor, medium: floor, high: floor }),
        fc.constantFrom('low' as const, 'medium' as const, 'high' as const),
        (asked, quorum, risk) => {
          const rule = ruleFor(asked, { ...CONFIG, quorum }, risk, 1);
          expect(isAtLeast(rule, asked)).toBe(true);
          expect(votesNeeded(rule)).toBe(Math.max(quorum[risk], votesNeeded({ stages: stagesOf(asked) })));
        },
      ),
    );
  });

  it('is not met by a weaker one: fewer people, a smaller role, other stages', () => {
    const asked = { approver_role: 'admin', quorum: 2 } as const;
    const rule = (role: 'operator' | 'admin', quorum: number): Rule => ({ stages: [{ title: '', role, quorum }], allows_self: true });
    expect([rule('admin', 1), rule('operator', 2), rule('admin', 2), rule('admin', 3)].map((one) => isAtLeast(one, asked))).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(isAtLeast({ ...TWO, stages: [...TWO.stages, ...TWO.stages] }, asked)).toBe(false);
  });
});

describe('a vote', () => {
  const why = (rule: Rule, authors: Author[], earlier: Voter[], voter: Voter): string | null =>
    voteFault(rule, authors, earlier, voter)?.why ?? null;

  it('counts once for one person, however the name is written', () => {
    const first = person('Kim Example');
    for (const name of ['Kim Example', 'kim example', 'KIM  EXAMPLE', 'Kím Example', 'Кіm Ехаmрlе', 'Kim Examp1e'])
      expect(why(TWO, [], [first], person(name, 'admin'))).toBe('twice');
    expect(why(TWO, [], [first], person('Sam Example'))).toBeNull();
  });

  it('of a role token counts where one person is enough, and nowhere that people are told apart', () => {
    expect(why({ ...NO_SELF, allows_self: true }, [], [], NOBODY)).toBeNull();
    expect([why(TWO, [], [], NOBODY), why(NO_SELF, [], [], NOBODY)]).toEqual(['nobody', 'nobody']);
  });

  it('of an author, or of the owner of an agent that wrote, does not count where that matters', () => {
    const kim = person('Kim');
    expect(why(NO_SELF, [wrote('Kim')], [], kim)).toBe('author');
    expect(why(NO_SELF, [wrote('Sam'), wrote('A bot', { class: 'agent', owner: 'Kim' })], [], kim)).toBe('author');
    expect(why(NO_SELF, [wrote('Kim', { class: 'agent', owner: 'Sam' })], [], kim)).toBeNull();
    expect(why(NO_SELF, [wrote(undefined)], [], kim)).toBe('author');
    expect(why({ ...NO_SELF, allows_self: true }, [wrote('Kim')], [], kim)).toBeNull();
  });

  it('needs the role of the stage that is open', () => {
    const rule: Rule = {
      stages: [
        { title: 'team', role: 'operator', quorum: 1 },
        { title: 'owner', role: 'admin', quorum: 1 },
      ],
      allows_self: true,
    };
    expect(openStage(rule, 1)?.title).toBe('owner');
    expect(why(rule, [], [person('Kim')], person('Sam'))).toBe('role');
    expect(why(rule, [], [person('Kim')], person('Sam', 'admin'))).toBeNull();
    expect(why(rule, [], [person('Kim'), person('Sam', 'admin')], person('Jo', 'admin'))).toBe('enough');
    expect(why(rule, [], [], person('Kim', 'actions'))).toBe('role');
  });

  it('is one of a set that approves only when it is complete and each counts in its turn', () => {
    expect(votesFault(TWO, [], [person('Kim')])).toContain('only 1 of 2');
    expect(votesFault(TWO, [], [person('Kim'), person('kim')])).toContain('does not count');
    expect(votesFault(TWO, [], [person('Kim'), person('Sam')])).toBeNull();
    expect(votesFault(TWO, [], [person('Kim'), person('Sam'), person('Jo')])).toContain('does not count');
  });

  it('lets any number of votes approve only with as many different people as the rule asks for', () => {
    const voter = fc.record({
      by: fc.constantFrom('operator:0123456789ab', 'admin:0123456789ab'),
      by_name: fc.option(fc.constantFrom('Kim', 'KIM', 'Sam', 'Jo', 'Кim'), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(voter, { maxLength: 6 }), fc.integer({ min: 2, max: 4 }), (votes, quorum) => {
        const rule: Rule = { stages: [{ title: '', role: 'operator', quorum }], allows_self: true };
        const people = new Set(votes.map((vote) => personOf(vote))).size;
        return votesFault(rule, [], votes) !== null || people === quorum;
      }),
    );
  });

  it('is not counted for another hash, after its time, or when it no longer fits the rule', () => {
    const vote = (name: string, change: Partial<Vote> = {}): Vote =>
      ({ ...person(name), hash: 'a', expires_at: '2026-02-01T00:00:00.000Z', ...change }) as Vote;
    const count = (votes: Vote[], rule = TWO): number =>
      countingVotes(votes, { rule, authors: [], hash: 'a', now: '2026-01-15T00:00:00.000Z' }).length;
    expect(count([vote('Kim')])).toBe(1);
    expect(count([vote('Kim', { hash: 'b' }), vote('Sam', { expires_at: '2026-01-01T00:00:00.000Z' })])).toBe(0);
    expect(count([{ ...vote('Kim'), by_name: undefined }, vote('Sam')])).toBe(1);
  });
});

describe('names that look alike', () => {
  it('have one skeleton', () => {
    expect(new Set(['Kim', 'KIM', 'Кim', 'k i m', 'K\u00edm', 'K1m', '\uff2bim'].map(skeleton)).size).toBe(1);
    expect(skeleton('Kim')).not.toBe(skeleton('Tim'));
  });

  it('are found where one word mixes alphabets, and not in a text that has both', () => {
    expect(mixedWord('run gіt push')).toBe('gіt');
    expect(mixedWord('git и make')).toBeNull();
    expect(mixedWord('plain')).toBeNull();
  });
});
