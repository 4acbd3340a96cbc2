/** Run bundles: runs to bytes and back, in Node and in the browser. */
export { BUILD, type Build, buildInWords } from './build';
export {
  type Bundle,
  type BundleDistribution,
  BundleError,
  type BundleRun,
  type BundleSeries,
  type BundleSlices,
  LARGEST_FILE,
  looksLikeZip,
  type Moment,
  type Pause,
  type RunAbout,
} from './bundle-format';
export { readBundle } from './bundle-read';
export { slug, writeBundle } from './bundle-write';
