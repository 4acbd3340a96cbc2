/** Starts the lab and draws the page. */
import './styles';
import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { lab } from '../store/index';
import { followAddress } from '../store/link-address';
import { App } from './App';
import { ErrorBoundary } from './ErrorBoundary';
import { keepSite } from './offline/page';
import { placeOf } from './route';
import { theme, variables } from './theme';

// A window of notes stands beside one with the lab in it, and leaves the device to that.
if (placeOf(window.location.hash).route !== 'notes') {
  void lab.boot();
  followAddress(lab);
}
keepSite();

// A page that is hidden may be ended without another word.
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') void lab.save();
});
window.addEventListener('pagehide', () => void lab.save());

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <ErrorBoundary>
        <App />
      </ErrorBoundary>
    </MantineProvider>
  </StrictMode>,
);
