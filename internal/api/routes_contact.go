package api

import v2 "guanxi/internal/api/v2"

// contactRoutes are the calls about contacts.
func contactRoutes() []route {
	return []route{
		{method: "GET", path: "/api/v2/contacts/{id}", handler: v2.Contact, operation: "contacts.detail", conditional: true},
		{method: "POST", path: "/api/v2/contacts", handler: v2.CreateContact, operation: "contacts.create"},
		{method: "PUT", path: "/api/v2/contacts/{id}", handler: v2.UpdateContact, operation: "contacts.update"},
		{method: "POST", path: "/api/v2/contacts/{id}", handler: v2.UpdateContact, operation: "contacts.update"},
		{method: "DELETE", path: "/api/v2/contacts/{id}", handler: v2.DeleteContact, operation: "contacts.delete"},
	}
}
