/**
The parts of blessed and blessed-contrib that the charts use. blessed brings no types, and those of blessed-contrib describe its
index, which would load every widget with a world map.
*/

declare module 'blessed' {
	export type Screen = {append(element: unknown): void; remove(element: unknown): void};
	type Bound = {_bound?: boolean};
	const blessed: {
		readonly screen: (options: Readonly<Record<string, unknown>>) => Screen;
		readonly Screen: Bound;
		readonly Program: Bound;
	};
	export default blessed;
}

declare module 'blessed-contrib/lib/widget/charts/line.js' {
	export type LineChart = {
		readonly options: Record<string, unknown>;
		readonly ctx: {readonly _canvas: {frame(): string}};
		setData(data: ReadonlyArray<{readonly x: readonly string[]; readonly y: readonly number[]}>): void;
	};
	const line: (options: Readonly<Record<string, unknown>>) => LineChart;
	export default line;
}
