/** Types of tap.js, for its test. */
export const readTap: (text: string) => {
	readonly passed: number;
	readonly failures: ReadonlyArray<{readonly title: string; readonly details: string}>;
	readonly leftOut: ReadonlyArray<{readonly title: string; readonly reason: string}>;
};
