/*
The least that any console of this kind costs: Ink, React and Node with a clock that ticks each second, in a frame as large as the console's. It runs
beside the console in `npm run bench -- --only idle`, so that the figure of a slow machine can be told from that of a slow program.
*/
import {createElement, useEffect, useState} from 'react';
import {Box, render, Text} from 'ink';

const Clock = () => {
	const [now, setNow] = useState(() => new Date());
	useEffect(() => {
		const timer = setInterval(() => {
			setNow(new Date());
		}, 1000);
		return () => {
			clearInterval(timer);
		};
	}, []);
	return createElement(
		Box, {flexDirection: 'column', height: process.stdout.rows, borderStyle: 'round'},
		createElement(Text, null, now.toISOString().slice(11, 19)),
	);
};

render(createElement(Clock), {alternateScreen: true});
