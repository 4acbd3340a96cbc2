/**
 * What some work asks of WebGPU, and how long it takes. Both look at WebGPU's prototypes, so every device in the process is
 * seen, whoever opened it. Counting slows the work down and is kept out of the timed rounds; timing stamps submissions and
 * waits only, a few per step.
 */

/** Counted work. */
export interface Work {
  readonly dispatches: number;
  readonly submits: number;
  /** Bytes written into buffers of the device: queue writes, buffers mapped at creation, buffers mapped for writing. */
  readonly bytesUploaded: number;
  readonly bytesReadBack: number;
  /** Buffers mapped for reading. */
  readonly readBacks: number;
}

/** Puts a method in the place of another and answers how to undo it. */
function replace<P extends object, K extends keyof P>(prototype: P, name: K, make: (original: P[K]) => P[K]): () => void {
  const original = prototype[name];
  prototype[name] = make(original);
  return () => {
    prototype[name] = original;
  };
}

/** Tells of every call of a method before it happens. */
const watch =
  <P extends object, K extends keyof P>(
    prototype: P,
    name: K,
    see: (self: P, given: P[K] extends (...given: infer A) => unknown ? A : never) => void,
  ): (() => () => void) =>
  () =>
    replace(prototype, name, (original) => {
      const call = original as unknown as (this: P, ...given: unknown[]) => unknown;
      return function (this: P, ...given: unknown[]) {
        see(this, given as Parameters<typeof see>[1]);
        return call.apply(this, given);
      } as unknown as P[K];
    });

async function patched<T>(patches: readonly (() => () => void)[], work: () => Promise<T>): Promise<T> {
  const undo: (() => void)[] = [];
  try {
    for (const patch of patches) undo.push(patch());
    return await work();
  } finally {
    for (const restore of undo.reverse()) restore();
  }
}

/** Counts what some work asks of WebGPU. The prototypes are as before when this resolves or rejects. */
export async function countWork<T>(work: () => Promise<T>): Promise<{ work: Work; value: T }> {
  const counts = { dispatches: 0, submits: 0, bytesUploaded: 0, bytesReadBack: 0, readBacks: 0 };
  const passes = GPUComputePassEncoder.prototype;
  const value = await patched(
    [
      watch(passes, 'dispatchWorkgroups', () => {
        counts.dispatches += 1;
      }),
      watch(passes, 'dispatchWorkgroupsIndirect', () => {
        counts.dispatches += 1;
      }),
      watch(GPUQueue.prototype, 'submit', () => {
        counts.submits += 1;
      }),
      watch(GPUQueue.prototype, 'writeBuffer', (_, given) => {
        counts.bytesUploaded += writtenBytes(given);
      }),
      watch(GPUDevice.prototype, 'createBuffer', (_, [{ mappedAtCreation, size }]) => {
        if (mappedAtCreation === true) counts.bytesUploaded += size;
      }),
      watch(GPUBuffer.prototype, 'mapAsync', (buffer, [mode, offset = 0, size = buffer.size - offset]) => {
        if ((mode & GPUMapMode.READ) === 0) counts.bytesUploaded += size;
        else {
          counts.bytesReadBack += size;
          counts.readBacks += 1;
        }
      }),
    ],
    work,
  );
  return { work: counts, value };
}

/** Bytes of a `writeBuffer`, whose last two arguments count elements where the data is a typed array. */
function writtenBytes([, , data, from = 0, size]: Parameters<GPUQueue['writeBuffer']>): number {
  const unit = 'BYTES_PER_ELEMENT' in data ? (data.BYTES_PER_ELEMENT as number) : 1;
  return size === undefined ? data.byteLength - from * unit : size * unit;
}

/** How long some work took. */
export interface Times<T> {
  /** Milliseconds until the work resolved. */
  readonly ms: number;
  /** Of these, up to its last submission and without waiting for mapped memory or the queue. */
  readonly encodeMs: number;
  readonly value: T;
}

/** Times some work. */
export async function timeWork<T>(work: () => Promise<T>): Promise<Times<T>> {
  let waiting = 0;
  let waitedSince = 0;
  let waited = 0;
  let encoded = 0;
  const start = performance.now();
  const duringWait = async (wait: Promise<undefined>): Promise<undefined> => {
    if (waiting === 0) waitedSince = performance.now();
    waiting += 1;
    try {
      return await wait;
    } finally {
      waiting -= 1;
      if (waiting === 0) waited += performance.now() - waitedSince;
    }
  };
  const value = await patched(
    [
      () =>
        replace(
          GPUQueue.prototype,
          'submit',
          (original) =>
            function (this: GPUQueue, buffers) {
              original.call(this, buffers);
              encoded = performance.now() - start - waited;
              return undefined;
            },
        ),
      () =>
        replace(
          GPUBuffer.prototype,
          'mapAsync',
          (original) =>
            function (this: GPUBuffer, ...range) {
              return duringWait(original.apply(this, range));
            },
        ),
      () =>
        replace(
          GPUQueue.prototype,
          'onSubmittedWorkDone',
          (original) =>
            function (this: GPUQueue) {
              return duringWait(original.call(this));
            },
        ),
    ],
    work,
  );
  return { ms: performance.now() - start, encodeMs: encoded, value };
}
