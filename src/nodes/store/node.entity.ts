import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('nodes')
export class NodeEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'parent_id', nullable: true })
  parentId: string | null;

  @Column('text')
  name: string;

  @Column('text')
  type: string;

  /** The ids from the root down to the node itself: `/<id>/<id>/`. */
  @Column('text')
  path: string;

  @Column('uuid', { name: 'merchant_id', nullable: true })
  merchantId: string | null;

  @Column('text', { nullable: true })
  environment: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}
