/** A step did not do what it promised: the message is for the person who watches. */
export class DemoFailure extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DemoFailure';
  }
}
