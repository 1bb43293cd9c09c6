using Cencori.Edge.Bodies;
using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Bodies.Splicing;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using JsonContent = Cencori.Edge.Bodies.JsonContent;

namespace Cencori.Edge.Prompts;

/// <summary>Replaces the system messages of a request with the prompt that the request names. A request without a prompt costs two header lookups.</summary>
internal static class PromptStep
{
    /// <summary>Reads the prompt that the headers name. Call it before the body is read, so that an invalid request is refused first.</summary>
    /// <param name="exchange">The exchange, whose headers may name a prompt.</param>
    /// <param name="isSession">True: the request opens a WebSocket.</param>
    /// <param name="call">The named prompt. On success it exists, and all of its variables have values. Null: the headers name no prompt.</param>
    /// <returns>The error that refuses the request. Null: success.</returns>
    public static EdgeError? Read(Exchange exchange, bool isSession, out PromptCall? call)
    {
        if (PromptCall.Read(exchange.Context.Request.Headers, out call) is { } malformed)
        {
            return malformed;
        }

        // A client may send the prompt header with every request. Requests that only read or delete objects need no prompt, so the header is ignored.
        if (call is not null && !isSession && IsStatusRead(exchange))
        {
            call = null;
        }

        return call is null ? null : Choose(exchange, call);
    }

    /// <summary>The body fields whose positions the scanner must record for <see cref="Apply"/>.</summary>
    public static NotedFields FieldsToNote(Exchange exchange, PromptCall? call) =>
        (MayBeInBody(exchange.Endpoint) ? NotedFields.Prompt : NotedFields.None) | (call is null ? NotedFields.None : NotedFields.Conversation);

    /// <param name="exchange">The exchange.</param>
    /// <param name="content">The body.</param>
    /// <param name="call">The prompt from the headers.</param>
    /// <returns>The error that refuses the request. Null: success.</returns>
    public static EdgeError? Apply(Exchange exchange, RequestContent content, PromptCall? call)
    {
        var body = content as JsonContent;
        if (MayBeInBody(exchange.Endpoint) && body?.Scan.Noted is { } noted && Take(exchange, body, noted, ref call) is { } problem)
        {
            return problem;
        }

        if (call is null)
        {
            return null;
        }

        if (body is null)
        {
            return new EdgeError(ErrorKind.UnsupportedMediaType, "A request with a prompt must have an application/json body.");
        }

        if (body.HasSystemText)
        {
            return EdgeError.Invalid("The agent of this request has its own system prompt. Omit the prompt, or use another agent.", call.NamePlace);
        }

        if (PromptTemplate.Render(exchange.Prompt!.Content, call.Values) is not { } text)
        {
            return new EdgeError(ErrorKind.RequestTooLarge, $"The prompt, with the values of its variables, must have at most {PromptTemplate.MaxRendered} characters.") { Param = call.ValuesPlace };
        }

        return SystemText.Replace(body, exchange.Endpoint.System, text);
    }

    // Reads the member "prompt" of the body, and removes the member, because providers do not support the edge's prompts.
    private static EdgeError? Take(Exchange exchange, JsonContent body, IReadOnlyList<NotedField> noted, ref PromptCall? call)
    {
        PromptCall? inBody = null;
        foreach (var field in noted)
        {
            if (field.Field != RequestField.Prompt)
            {
                continue;
            }

            if (PromptCall.Read(body.Text.Slice(field.Value.Start, field.Value.Length), out var found) is { } malformed)
            {
                return malformed;
            }

            if (found is null)
            {
                continue;
            }

            if (inBody is not null || call is not null)
            {
                return EdgeError.Invalid(inBody is null ? $"The request names a prompt in its body and in {PromptCall.NameHeader}. Name it once." : "The request names two prompts. Name one.", found.NamePlace);
            }

            inBody = found;
            body.Edits.Remove(field, body.Text);
        }

        if (inBody is not null && body.Scan.InOtherCase is { } wrong)
        {
            var problem = RequestScan.WrongCase(wrong);
            return EdgeError.Invalid(problem.Message, problem.Param);
        }

        call ??= inBody;
        return inBody is null ? null : Choose(exchange, inBody);
    }

    private static EdgeError? Choose(Exchange exchange, PromptCall call)
    {
        if (exchange.Endpoint.System == SystemPromptLocation.None)
        {
            return EdgeError.Invalid("This endpoint does not support prompts. Use chats, responses or messages.", call.NamePlace);
        }

        if (!exchange.Caller!.Project.Prompts.TryGetValue(call.Name, out var prompt))
        {
            return new EdgeError(ErrorKind.NotFound, "There is no prompt of this name in this project.") { Param = call.NamePlace };
        }

        exchange.Prompt = prompt;
        return PromptValues.Check(call.Values, prompt.Variables, call.ValuesPlace);
    }

    // On other endpoints the member "prompt" belongs to the provider's API.
    private static bool MayBeInBody(EdgeEndpoint endpoint) => endpoint is { Errors: ErrorDialect.Flat, System: not SystemPromptLocation.None };

    private static bool IsStatusRead(Exchange exchange)
    {
        var method = exchange.Context.Request.Method;
        return exchange.Endpoint.ShowsBackgroundWork || HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsDelete(method) || HttpMethods.IsOptions(method);
    }
}
