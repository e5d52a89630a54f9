package agentauth

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/jackc/pgx/v5"
)

// Route is the path for a [Handler], which takes a POST with an [AuthRequest].
const Route = "/api/v2/workspaceagents/aws-instance-identity"

// maxBody is many times the size of an identity document with its signature.
const maxBody = 64 << 10

// A Handler exchanges a signed instance identity document for the session token
// of the agent that runs on the instance. It is safe for concurrent use.
type Handler struct {
	authenticate func(context.Context, *Layer, Claim) (WorkspaceAgent, error)
	layer        *Layer
	certificate  *x509.Certificate

	// Failed, if set, gets the cause of each 500. The caller does not.
	Failed func(error)
}

// NewHandler returns a Handler that authenticates like version. Documents must be signed
// with the key of certificate.
func NewHandler(version Version, store Queries, auth Authorizer, certificate *x509.Certificate) *Handler {
	return &Handler{
		authenticate: version.Authenticate,
		layer:        &Layer{store: store, authorize: auth, jobRule: version.JobRule},
		certificate:  certificate,
	}
}

// AuthRequest is the body of a request.
type AuthRequest struct {
	Document  string `json:"document"`
	Signature string `json:"signature"`
	AgentName string `json:"agent_name,omitempty"`
}

// AuthResponse is the body of a 200.
type AuthResponse struct {
	SessionToken string `json:"session_token"`
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		h.refuse(w, refusef(http.StatusRequestEntityTooLarge, "The request is larger than %d bytes.", maxBody))
		return
	}
	var body AuthRequest
	// Unmarshal rejects trailing data; a decoder would stop after the first value.
	if err != nil || json.Unmarshal(raw, &body) != nil {
		h.refuse(w, refusef(http.StatusBadRequest, "The request is not the JSON this route expects."))
		return
	}
	instance, err := instanceID(body.Document, body.Signature, h.certificate)
	if err != nil {
		h.refuse(w, refusef(http.StatusUnauthorized, "The identity document is not valid."))
		return
	}
	ctx := WithActor(r.Context(), Subject{Role: RoleSystemRestricted})
	agent, err := h.authenticate(ctx, h.layer, Claim{InstanceID: instance, AgentName: body.AgentName})
	if err != nil {
		h.refuse(w, err)
		return
	}
	answer(w, http.StatusOK, AuthResponse{SessionToken: agent.AuthToken.String()})
}

// refuse answers with what the caller may know: a denial looks like a missing agent,
// and only Failed gets the cause of a failure.
func (h *Handler) refuse(w http.ResponseWriter, err error) {
	var r *refusal
	switch {
	case errors.As(err, &r):
	case errors.Is(err, pgx.ErrNoRows), denied(err):
		r = &refusal{http.StatusNotFound, "No agent of this instance was found."}
	default:
		if h.Failed != nil {
			h.Failed(err)
		}
		r = &refusal{http.StatusInternalServerError, "Internal error."}
	}
	answer(w, r.status, map[string]string{"message": r.message})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // it fails only if the client is gone
}
