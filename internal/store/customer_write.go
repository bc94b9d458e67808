package store

import (
	"strconv"
	"strings"

	"guanxi/internal/crm"
)

// updateCustomer and updateContact set every column of a row.
var (
	updateCustomer = updateRow("customers", `organization_id, `+customerColumns+insertAddressColumns)
	updateContact  = updateRow("contacts", `organization_id, `+contactColumns+insertAddressColumns)
)

// updateRow writes an UPDATE of all columns of one row; the first two columns are
// its key.
func updateRow(table, columns string) string {
	var b strings.Builder
	b.WriteString("UPDATE " + table + " SET ")
	for i, column := range strings.Split(columns, ",") {
		if i < 2 {
			continue
		}
		if i > 2 {
			b.WriteString(", ")
		}
		b.WriteString(strings.TrimSpace(column) + " = $" + strconv.Itoa(i+1))
	}
	return b.String() + " WHERE organization_id = $1 AND id = $2"
}

// changed is for writes that must meet a row.
func changed(n int64, err error) error {
	if err == nil && n == 0 {
		return ErrNoRow
	}
	return err
}

// SetCustomer writes all columns of a customer. ErrNoRow where there is none.
func (w *Write) SetCustomer(c *crm.Customer) error {
	return changed(w.tx.Exec(updateCustomer, customerArgs(make([]any, 0, customerWidth), w.org, c)...))
}

// DeleteCustomer deletes a customer with its labels and collaborators. Its
// contacts must be gone before. ErrConstraint where other records refer to it,
// ErrNoRow where there is none.
func (w *Write) DeleteCustomer(id int64) error {
	return changed(w.tx.Exec(`DELETE FROM customers WHERE organization_id = $1 AND id = $2`, w.org, id))
}

// ChildCustomers gives the ids of the customers whose parent this one is.
func (r *Read) ChildCustomers(org, parent int64) ([]int64, error) {
	return r.ids(`SELECT id FROM customers WHERE organization_id = $1 AND parent_id = $2 ORDER BY id`, org, parent)
}

// ParentOf gives the id of a customer's parent, 0 where it has none. ErrNoRow
// where there is no such customer.
func (r *Read) ParentOf(org, id int64) (parent int64, err error) {
	err = one(r.tx, `SELECT parent_id FROM customers WHERE organization_id = $1 AND id = $2`, []any{org, id}, &parent)
	return parent, err
}

// OwnedCustomers counts the customers of an owner, in a category where one is
// given (0 for all).
func (r *Read) OwnedCustomers(org, owner, category int64) (n int64, err error) {
	if category == 0 {
		err = one(r.tx, `SELECT count(*) FROM customers WHERE organization_id = $1 AND user_id = $2`, []any{org, owner}, &n)
		return n, err
	}
	err = one(r.tx, `SELECT count(*) FROM customers WHERE organization_id = $1 AND user_id = $2 AND category = $3`,
		[]any{org, owner, category}, &n)
	return n, err
}

// CustomersOwnedBy gives ids of an owner's customers behind an id, in order.
func (r *Read) CustomersOwnedBy(org, owner, after int64, limit int) ([]int64, error) {
	return r.ids(`SELECT id FROM customers WHERE organization_id = $1 AND user_id = $2 AND id > $3 ORDER BY id LIMIT $4`,
		org, owner, after, limit)
}

// CustomersAfter reads a page of all customers behind an id, in order. It is
// for work that walks over all of them.
func (r *Read) CustomersAfter(org, after int64, limit int) ([]crm.Customer, error) {
	var found []crm.Customer
	err := each(r.tx, `SELECT `+customerColumns+addressColumns+`
		FROM customers WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3`, []any{org, after, limit}, func(rows Rows) error {
		var c crm.Customer
		err := scanCustomer(rows, &c)
		found = append(found, c)
		return err
	})
	return found, err
}

// CustomersOf reads several customers, in the order of the ids; those that
// are not there are left out.
func (r *Read) CustomersOf(org int64, ids []int64) ([]crm.Customer, error) {
	found := make([]crm.Customer, 0, len(ids))
	questions := make([]Question, len(ids))
	for i, id := range ids {
		questions[i] = Question{SQL: customerByID, Args: []any{org, id}, Each: func(rows Rows) error {
			found = append(found, crm.Customer{})
			return scanCustomer(rows, &found[len(found)-1])
		}}
	}
	return found, r.tx.Together(questions...)
}

// AddCustomerLabel puts a label on a customer that was added as labelled.
func (w *Write) AddCustomerLabel(customer, label int64) error {
	_, err := w.tx.Exec(`INSERT INTO customer_labels (organization_id, customer_id, label_id) VALUES ($1, $2, $3)`,
		w.org, customer, label)
	return err
}

// SetCustomerLabels puts exactly these labels on a customer, whose row says
// labelled accordingly.
func (w *Write) SetCustomerLabels(customer int64, labels []int64) error {
	_, err := w.tx.Exec(`DELETE FROM customer_labels WHERE organization_id = $1 AND customer_id = $2`, w.org, customer)
	for _, id := range labels {
		if err == nil {
			err = w.AddCustomerLabel(customer, id)
		}
	}
	return err
}

// AddAssistant makes a user a collaborator of a customer.
func (w *Write) AddAssistant(customer, user int64) error {
	_, err := w.tx.Exec(`INSERT INTO customer_assistants (organization_id, customer_id, user_id) VALUES ($1, $2, $3)`,
		w.org, customer, user)
	return err
}

// SetAssistants makes exactly these users the collaborators of a customer.
func (w *Write) SetAssistants(customer int64, users []int64) error {
	_, err := w.tx.Exec(`DELETE FROM customer_assistants WHERE organization_id = $1 AND customer_id = $2`, w.org, customer)
	for _, id := range users {
		if err == nil {
			err = w.AddAssistant(customer, id)
		}
	}
	return err
}

// AssistedBy gives ids of the customers that a user collaborates on behind an
// id, in order.
func (r *Read) AssistedBy(org, user, after int64, limit int) ([]int64, error) {
	return r.ids(`SELECT customer_id FROM customer_assistants WHERE organization_id = $1 AND user_id = $2
		AND customer_id > $3 ORDER BY customer_id LIMIT $4`, org, user, after, limit)
}

// SetContact writes all columns of a contact. ErrNoRow where there is none.
func (w *Write) SetContact(c *crm.Contact) error {
	return changed(w.tx.Exec(updateContact, contactArgs(make([]any, 0, 35), w.org, c)...))
}

// DeleteContact deletes a contact. ErrNoRow where there is none.
func (w *Write) DeleteContact(id int64) error {
	return changed(w.tx.Exec(`DELETE FROM contacts WHERE organization_id = $1 AND id = $2`, w.org, id))
}

// WholeContactsOf reads all contacts of a customer with all columns, in the
// order of their ids.
func (r *Read) WholeContactsOf(org, customer int64) ([]crm.Contact, error) {
	var found []crm.Contact
	err := each(r.tx, `SELECT `+contactColumns+addressColumns+`
		FROM contacts WHERE organization_id = $1 AND customer_id = $2 ORDER BY id`, []any{org, customer}, func(rows Rows) error {
		var c crm.Contact
		err := scanContact(rows, &c)
		found = append(found, c)
		return err
	})
	return found, err
}

// ContactsByID reads several contacts, in the order of the ids; those that are
// not there are left out.
func (r *Read) ContactsByID(org int64, ids []int64) ([]crm.Contact, error) {
	found := make([]crm.Contact, 0, len(ids))
	questions := make([]Question, len(ids))
	for i, id := range ids {
		questions[i] = Question{SQL: contactByID, Args: []any{org, id}, Each: func(rows Rows) error {
			found = append(found, crm.Contact{})
			return scanContact(rows, &found[len(found)-1])
		}}
	}
	return found, r.tx.Together(questions...)
}

// ContactsAfter reads a page of all contacts behind an id, in order.
func (r *Read) ContactsAfter(org, after int64, limit int) ([]crm.Contact, error) {
	var found []crm.Contact
	err := each(r.tx, `SELECT `+contactColumns+addressColumns+`
		FROM contacts WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3`, []any{org, after, limit}, func(rows Rows) error {
		var c crm.Contact
		err := scanContact(rows, &c)
		found = append(found, c)
		return err
	})
	return found, err
}
