/**
 * How a Temporal is reached: what the engine finds out, and client and worker need.
 */

/** TLS material, in the shape that Temporal's SDK takes. */
export interface TlsSettings {
  readonly serverNameOverride?: string;
  readonly serverRootCACertificate?: Uint8Array;
  readonly clientCertPair?: { readonly crt: Uint8Array; readonly key: Uint8Array };
}

/** One Temporal and one namespace in it. `apiKey` is secret: it is never logged. */
export interface TemporalConnection {
  /** `host:port`. */
  readonly address: string;
  readonly namespace: string;
  readonly apiKey?: string;
  /** `true`: TLS with the machine's own authorities. */
  readonly tls?: TlsSettings | boolean;
  /** gRPC headers; values may be secret. */
  readonly metadata?: Readonly<Record<string, string>>;
}
