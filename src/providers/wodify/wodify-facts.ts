import type { ProviderFactPage } from '../fact';
import { WODIFY_INVOICE_FACTS, WODIFY_STATUSES } from './wodify-invoice-facts';
import { WODIFY_QUESTION_FACTS } from './wodify-question-facts';
import { askWodify } from './wodify-questions';
import { WODIFY_ROW_FACTS } from './wodify-row-facts';

const under = (parent: string, ...names: string[]): string[] => [parent, ...names.map((name) => `${parent}.${name}`)];

/** What is known of Wodify's API, and how an account shows it. */
export const wodifyFacts: ProviderFactPage = {
  provider: 'wodify',
  facts: [...WODIFY_QUESTION_FACTS, ...WODIFY_INVOICE_FACTS, ...WODIFY_ROW_FACTS],
  lists: {
    clients: {
      path: '/clients',
      answers: ['clients', 'client'],
      fields: [
        ...['id', 'first_name', 'last_name', 'email', 'phone_number', 'client_status_id', 'client_status'],
        ...['location_id', 'location', 'street_address_1', 'street_address_2', 'city', 'state', 'province'],
        ...['zipcode', 'country', 'timezone', 'member_since', 'last_attendance'],
        ...under('created', 'created_on_datetime', 'created_by_id'),
        ...under('created_on', 'created_on_datetime', 'created_by_id'),
        ...under('updated', 'updated_on_datetime', 'updated_by_id'),
      ],
      words: { client_status: ['Active', 'Inactive', 'Suspended'] },
    },
    memberships: {
      path: '/memberships',
      answers: ['memberships'],
      fields: [
        ...['id', 'client_id', 'name', 'membership_type', 'is_active', 'is_deleted', 'start_date', 'end_date'],
        ...['expiration_date', 'renewed_from_membership_id', 'location_id'],
        ...under('payment_plan', 'payment_plan_name', 'is_auto_renew', 'initial_commitment_length'),
        'payment_plan.initial_commitment_time_unit',
        ...under('payment_plan.initial_payment_option', 'initial_payment_option_type', 'initial_cost'),
        ...under('payment_plan.renewal_payment_option', 'renewal_payment_option_type', 'renewal_cost'),
      ],
      words: { membership_type: ['Class Plan', 'Class Pack', 'Appointment Pack'] },
    },
    invoices: {
      path: '/financials/invoices',
      answers: [
        ...['invoices', 'invoices Refunded', 'invoices Partially Refunded', 'invoices Deleted'],
        ...['invoice', 'invoice refunded in part'],
      ],
      fields: [
        ...['id', 'invoice_number', 'client_id', 'invoice_header_status_id', 'invoice_header_status', 'payment_due'],
        ...['paid_on_date', 'final_charge', 'paid_amount', 'unpaid_amount', 'final_refunded_amount', 'is_auto_bill'],
        ...['notes', 'invoice_footer', ...under('created', 'created_on_datetime', 'created_by_id'), 'invoice_details'],
        ...['product_id', 'product', 'quantity', 'sales_price', 'final_charge', 'revenue_category'].map(
          (name) => `invoice_details[].${name}`,
        ),
        'invoice_details[].post_header_net_revenue',
      ],
      words: { invoice_header_status: WODIFY_STATUSES },
    },
  },
  collect: askWodify,
};
