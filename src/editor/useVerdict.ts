/** Has a text checked whenever it has rested for a moment. */
import { useEffect, useRef, useState } from 'react';
import type { OwnChecked, OwnKind } from '../core/own';
import { lab, useLab } from '../store/index';
import type { Verdict } from './findings';
import type { LanguageClient } from './language/client';

const REST_MS = 350;

const PENDING: Verdict = { types: null, checked: null };

/** `checkNow` asks the worker at once, unless it has answered for this very text. */
export function useVerdict(
  kind: OwnKind,
  text: string,
  language: LanguageClient,
): { verdict: Verdict; checkNow: (text: string) => Promise<OwnChecked | null> } {
  const ready = useLab((state) => state.engine.phase === 'ready');
  const [answered, setAnswered] = useState<{ readonly text: string; readonly verdict: Verdict }>({ text, verdict: PENDING });
  const latest = useRef(answered);
  latest.current = answered;

  useEffect(() => {
    let wanted = true;
    const put = (part: Partial<Verdict>): void => {
      if (!wanted) return;
      setAnswered((before) => ({ text, verdict: { ...(before.text === text ? before.verdict : PENDING), ...part } }));
    };
    const timer = setTimeout(() => {
      language.ask('diagnose', kind, text).then(
        (types) => put({ types }),
        // Without TypeScript the worker's own check still speaks.
        () => put({ types: [] }),
      );
      if (ready) void lab.own.check(kind, text).then((checked) => put({ checked: checked ?? 'unasked' }));
      else put({ checked: 'unasked' });
    }, REST_MS);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [kind, text, language, ready]);

  return {
    verdict: answered.text === text ? answered.verdict : PENDING,
    checkNow: async (now) => {
      const { text: of, verdict } = latest.current;
      if (of === now && verdict.checked !== null && verdict.checked !== 'unasked') return verdict.checked;
      return lab.own.check(kind, now);
    },
  };
}
