import { PageQueryDto, QueryFlag, QueryOneOf, QueryText, QueryTime, QueryUuid } from '../../../platform/http';
import { JOB_TYPES, LOG_STATUSES } from '../../store/log-query.repository';

export class SyncLogQueryDto extends PageQueryDto {
  @QueryUuid()
  integrationId?: string;

  @QueryText({ example: 'customers' })
  resourceType?: string;

  @QueryUuid()
  jobId?: string;

  @QueryOneOf(LOG_STATUSES)
  status?: (typeof LOG_STATUSES)[number];

  @QueryOneOf(JOB_TYPES)
  jobType?: (typeof JOB_TYPES)[number];

  @QueryTime({ description: 'Inclusive.' })
  createdAfter?: Date;

  @QueryTime({ description: 'Exclusive.' })
  createdBefore?: Date;

  @QueryFlag(false, {
    description: 'Only the newest entry of each resource type among those that the other filters leave.',
  })
  latestOnly: boolean = false;
}
