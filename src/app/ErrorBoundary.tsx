/** When drawing fails: what happened, and the data kept. */
import { Component, type ErrorInfo, type ReactNode } from 'react';
import { lab } from '../store/index';
import classes from './app.module.css';

interface State {
  readonly error: Error | null;
}

export class ErrorBoundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    console.error(error, info.componentStack);
    void lab.save();
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <main className={classes.fallen} role="alert">
        <h1>The page could not be drawn</h1>
        <p>{error.message}</p>
        <p>Runs and settings are kept. Reloading brings them back; a run that was training can go on from its last checkpoint.</p>
        <p>
          <button type="button" onClick={() => window.location.reload()}>
            Reload
          </button>{' '}
          <button type="button" onClick={() => this.setState({ error: null })}>
            Try again without reloading
          </button>
        </p>
      </main>
    );
  }
}
