/** Breaks of one line each, by the promise that they break. Each must turn the tests that are named red: what nothing notices is not promised. */
export type Mutant = {
  promise: 'G1' | 'G2' | 'G3' | 'G4' | 'G5' | 'G6' | 'G7' | 'G8' | 'G9';
  /** What is broken. */
  says: string;
  file: string;
  /** One whole line, without its indentation; it stands in the file exactly once, or only its first is meant. */
  old: string;
  new: string;
  test: string;
  /** Words of the names of the tests that must fail. */
  name: string;
};
