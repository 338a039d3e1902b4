/** Tests whose thoroughness is a number of rounds: few in every `npm test`, all of them in `npm run test:security -- --deep`. */
export const isDeep = process.env['GIMO_TEST_DEEP'] === '1';

export function rounds({ quick, deep }: { quick: number; deep: number }): number {
  return isDeep ? deep : quick;
}
