import { serveSite } from './server.mjs';

/** Serves dist/ for as long as the tests run; the workers inherit the address. */
export default async function setup(): Promise<() => void> {
  const { address, close } = await serveSite();
  process.env.OBJECTIVE_LAB_ADDRESS = address;
  return close;
}
