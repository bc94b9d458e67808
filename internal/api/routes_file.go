package api

import (
	v2 "guanxi/internal/api/v2"
	"guanxi/internal/crm"
)

// fileRoutes are the calls about attachments, cards and avatars.
func fileRoutes() []route {
	return []route{
		{method: "POST", path: "/api/v2/attachments", handler: v2.UploadFiles, operation: "attachments.create"},
		{method: "GET", path: "/api/v2/attachments", handler: v2.Files, operation: "attachments.list", conditional: true},
		{method: "GET", path: "/api/v2/attachments/{id}", handler: v2.File, operation: "attachments.detail", conditional: true},
		{method: "PUT", path: "/api/v2/attachments/{id}", handler: v2.UpdateFile, operation: "attachments.update"},
		{method: "POST", path: "/api/v2/attachments/{id}", handler: v2.UpdateFile, operation: "attachments.update"},
		{method: "DELETE", path: "/api/v2/attachments/{id}", handler: v2.DeleteFile, operation: "attachments.delete"},
		{method: "POST", path: "/api/v2/attachments/{id}/attach", handler: v2.AttachFile, operation: "attachments.attach"},
		{method: "PUT", path: "/api/v2/attachments/{id}/attach", handler: v2.AttachFile, operation: "attachments.attach"},

		{method: "GET", path: "/api/v2/customers/{id}/attachments", handler: v2.FilesOf(crm.OfCustomer), operation: "customers.attachments", conditional: true},
		{method: "GET", path: "/api/v2/contacts/{id}/attachments", handler: v2.FilesOf(crm.OfContact), operation: "contacts.attachments", conditional: true},
		{method: "GET", path: "/api/v2/leads/{id}/attachments", handler: v2.FilesOf(crm.OfLead), operation: "leads.attachments", conditional: true},

		{method: "PUT", path: "/api/v2/contacts/{id}/card", handler: v2.SetCard(crm.OfContact), operation: "contacts.set_card"},
		{method: "POST", path: "/api/v2/contacts/{id}/card", handler: v2.SetCard(crm.OfContact), operation: "contacts.set_card"},
		{method: "DELETE", path: "/api/v2/contacts/{id}/card", handler: v2.RemoveCard(crm.OfContact), operation: "contacts.remove_card"},
		{method: "PUT", path: "/api/v2/leads/{id}/card", handler: v2.SetCard(crm.OfLead), operation: "leads.set_card"},
		{method: "POST", path: "/api/v2/leads/{id}/card", handler: v2.SetCard(crm.OfLead), operation: "leads.set_card"},
		{method: "DELETE", path: "/api/v2/leads/{id}/card", handler: v2.RemoveCard(crm.OfLead), operation: "leads.remove_card"},

		{method: "PUT", path: "/api/v2/user/avatar", handler: v2.SetAvatar, operation: "user.set_avatar"},
		{method: "POST", path: "/api/v2/user/avatar", handler: v2.SetAvatar, operation: "user.set_avatar"},
		{method: "DELETE", path: "/api/v2/user/avatar", handler: v2.RemoveAvatar, operation: "user.remove_avatar"},
		{method: "PUT", path: "/api/v2/users/{id}/avatar", handler: v2.SetAvatar, operation: "user.set_avatar_of"},
		{method: "POST", path: "/api/v2/users/{id}/avatar", handler: v2.SetAvatar, operation: "user.set_avatar_of"},
		{method: "DELETE", path: "/api/v2/users/{id}/avatar", handler: v2.RemoveAvatar, operation: "user.remove_avatar_of"},
	}
}
