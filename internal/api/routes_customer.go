package api

import v2 "guanxi/internal/api/v2"

// customerRoutes are the calls about customers.
func customerRoutes() []route {
	return []route{
		{method: "POST", path: "/api/v2/customers", handler: v2.CreateCustomer, operation: "customers.create"},
		{method: "GET", path: "/api/v2/customers/{id}", handler: v2.Customer, operation: "customers.detail", conditional: true},
		{method: "PUT", path: "/api/v2/customers/{id}", handler: v2.UpdateCustomer, operation: "customers.update"},
		{method: "POST", path: "/api/v2/customers/{id}", handler: v2.UpdateCustomer, operation: "customers.update"},
		{method: "DELETE", path: "/api/v2/customers/{id}", handler: v2.DeleteCustomer, operation: "customers.delete"},
		{method: "PUT", path: "/api/v2/customers", handler: v2.CustomerWithoutID, operation: "customers.without_id"},
		{method: "DELETE", path: "/api/v2/customers", handler: v2.CustomerWithoutID, operation: "customers.without_id"},
		{method: "GET", path: "/api/v2/customers/{id}/contacts", handler: v2.CustomerContacts, operation: "customers.contacts", conditional: true},
		{method: "PUT", path: "/api/v2/customers/{id}/transfer", handler: v2.TransferCustomer, operation: "customers.transfer"},
		{method: "POST", path: "/api/v2/customers/{id}/transfer", handler: v2.TransferCustomer, operation: "customers.transfer"},
		{method: "PUT", path: "/api/v2/customers/transfer", handler: v2.TransferCustomers, operation: "customers.transfer_many"},
		{method: "POST", path: "/api/v2/customers/transfer", handler: v2.TransferCustomers, operation: "customers.transfer_many"},
		{method: "GET", path: "/api/v2/customers/{id}/assist_users", handler: v2.CustomerAssistants, operation: "customers.assist_users", conditional: true},
		{method: "PUT", path: "/api/v2/customers/{id}/update_assist_user", handler: v2.UpdateCustomerAssistants, operation: "customers.update_assist_user"},
		{method: "POST", path: "/api/v2/customers/{id}/update_assist_user", handler: v2.UpdateCustomerAssistants, operation: "customers.update_assist_user"},
		{method: "POST", path: "/api/v2/customers/add_assist_users", handler: v2.AddCustomerAssistants, operation: "customers.add_assist_users"},
		{method: "POST", path: "/api/v2/customers/remove_assist_users", handler: v2.RemoveCustomerAssistants, operation: "customers.remove_assist_users"},
	}
}
