package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// apiSettings say which installation a command talks to: these commands are clients
// like any other, here or on another machine.
type apiSettings struct {
	URL   string `name:"url" default:"http://127.0.0.1:9480" placeholder:"URL" help:"Where the product is that the torrent commands talk to."`
	Token string `secret:"env" hidden:"" help:"Lets the torrent commands in there."`
}

// Validate is called by kong.
func (a *apiSettings) Validate() error {
	if u, err := url.Parse(a.URL); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return wrong("url", "must be an address like http://127.0.0.1:9480")
	}
	return nil
}

// api talks GraphQL.
type api struct {
	endpoint string
	token    string
	// http has no time limit of its own: an answer's is apiPatience, a stream has none.
	http *http.Client
}

func (a *apiSettings) api() *api {
	return &api{endpoint: strings.TrimSuffix(a.URL, "/") + "/graphql", token: a.Token, http: &http.Client{}}
}

// apiPatience is how long an answer may take.
const apiPatience = time.Minute

// maxAnswer bounds an answer, and an event of a stream.
const maxAnswer = 64 << 20

// graphqlRequest is a GraphQL request.
type graphqlRequest struct {
	Query     string         `json:"query"`
	Variables map[string]any `json:"variables,omitempty"`
}

// graphqlAnswer is a GraphQL answer.
type graphqlAnswer struct {
	Data   json.RawMessage `json:"data"`
	Errors []struct {
		Message    string `json:"message"`
		Extensions struct {
			Code string `json:"code"`
		} `json:"extensions"`
	} `json:"errors"`
}

// apiError is what the product did not like.
type apiError struct{ code, message string }

// Error implements error.
func (e apiError) Error() string { return e.message }

func (a graphqlAnswer) into(data any) error {
	var errs []error
	for _, e := range a.Errors {
		errs = append(errs, apiError{code: e.Extensions.Code, message: e.Message})
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return json.Unmarshal(a.Data, data)
}

// ask puts a query or a mutation, and reads its data.
func (a *api) ask(ctx context.Context, query string, variables map[string]any, data any) error {
	body, err := json.Marshal(graphqlRequest{query, variables})
	if err != nil {
		return err
	}
	return a.post(ctx, "application/json", body, data)
}

// upload is ask with a file, which takes the place of the null at path of the variables.
func (a *api) upload(ctx context.Context, query string, variables map[string]any, path, name string, file []byte, data any) error {
	operations, err := json.Marshal(graphqlRequest{query, variables})
	if err != nil {
		return err
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	content, err := func() (io.Writer, error) {
		if err := form.WriteField("operations", string(operations)); err != nil {
			return nil, err
		}
		if err := form.WriteField("map", fmt.Sprintf(`{"0": [%q]}`, path)); err != nil {
			return nil, err
		}
		return form.CreateFormFile("0", name)
	}()
	if err == nil {
		_, err = content.Write(file)
	}
	if err := errors.Join(err, form.Close()); err != nil {
		return err
	}
	return a.post(ctx, form.FormDataContentType(), body.Bytes(), data)
}

func (a *api) post(ctx context.Context, contentType string, body []byte, data any) error {
	ctx, cancel := context.WithTimeout(ctx, apiPatience)
	defer cancel()
	response, err := a.send(ctx, contentType, "application/json", body)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	return readAnswer(response, data)
}

// readAnswer reads the one answer of a response.
func readAnswer(response *http.Response, data any) error {
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return err
	}
	var got graphqlAnswer
	if err := json.Unmarshal(text, &got); err != nil || (got.Data == nil && got.Errors == nil) {
		return fmt.Errorf("%s does not answer as the product does: %s", response.Request.URL, response.Status)
	}
	return got.into(data)
}

func (a *api) send(ctx context.Context, contentType, accept string, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("Accept", accept)
	if a.token != "" {
		request.Header.Set("Authorization", "Bearer "+a.token)
	}
	return a.http.Do(request)
}

// follow gives each message of a subscription to take, until it ends (nil), is cut off,
// or take returns an error.
func (a *api) follow(ctx context.Context, query string, variables map[string]any, take func(json.RawMessage) error) error {
	body, err := json.Marshal(graphqlRequest{query, variables})
	if err != nil {
		return err
	}
	response, err := a.send(ctx, "application/json", "text/event-stream", body)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if !strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") {
		return readAnswer(response, new(json.RawMessage))
	}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(make([]byte, 0, 64<<10), maxAnswer)
	event := ""
	for lines.Scan() {
		switch name, value, _ := strings.Cut(lines.Text(), ":"); name {
		case "event":
			if event = strings.TrimSpace(value); event == "complete" {
				return nil
			}
		case "data":
			if event != "next" {
				continue
			}
			var got graphqlAnswer
			var data json.RawMessage
			if err := json.Unmarshal([]byte(value), &got); err != nil {
				return err
			}
			if err := got.into(&data); err != nil {
				return err
			}
			if err := take(data); err != nil {
				return err
			}
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return io.ErrUnexpectedEOF
}
