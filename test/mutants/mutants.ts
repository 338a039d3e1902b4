import { APPROVAL_MUTANTS } from './approval-mutants.ts';
import { GUARD_MUTANTS } from './guard-mutants.ts';
import { LABEL_MUTANTS } from './label-mutants.ts';
import type { Mutant } from './mutant.ts';
import { OTHER_MUTANTS } from './other-mutants.ts';

export const MUTANTS: readonly Mutant[] = [...APPROVAL_MUTANTS, ...OTHER_MUTANTS, ...GUARD_MUTANTS, ...LABEL_MUTANTS];
