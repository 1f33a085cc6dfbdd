import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('node_exchange_tries')
export class ExchangeTriesEntity {
  /** sha256 of the API key as it was presented, known or not; or of the address it came from. */
  @PrimaryColumn('bytea')
  bucket: Buffer;

  @Column('timestamptz', { array: true })
  tries: Date[];

  /** Whether the last try was: how the statement that counts tells its caller. */
  @Column('boolean')
  allowed: boolean;
}
