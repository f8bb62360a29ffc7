/** Whether a command may be run inside a container now: in a paused one it hangs, in one that is nearly out of memory it may be the last straw. */
import type {ContainerFacts} from './ports.ts';
import type {Situation} from './situation.ts';

const nearLimit = 0.9;

/** Does it use more than nine tenths of the memory that it may? As far as a reading was made. */
export const isNearLimit = (container: ContainerFacts, situation: Situation): boolean => {
	const reading = situation.use[container.id]?.reading;
	const limitBytes = reading?.memoryLimitBytes ?? container.memoryLimitBytes;
	return reading !== undefined && limitBytes !== null && reading.memoryBytes > limitBytes * nearLimit;
};

export const mayEnter = (container: ContainerFacts, situation: Situation): boolean => container.state === 'running' && !isNearLimit(container, situation);
