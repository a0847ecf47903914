declare module "@opentelemetry/otlp-transformer/build/src/generated/root.js" {
  interface Message {
    fromObject(plain: object): object;
    encode(message: object): { finish(): Uint8Array };
    decode(bytes: Uint8Array): object;
    verify(plain: object): string | null;
    toObject(message: object, options: object): object;
  }

  const root: { opentelemetry: { proto: { collector: { metrics: { v1: { ExportMetricsServiceRequest: Message } } } } } };
  export default root;
}
