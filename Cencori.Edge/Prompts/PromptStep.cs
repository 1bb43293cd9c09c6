using Cencori.Edge.Bodies;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using JsonContent = Cencori.Edge.Bodies.JsonContent;

namespace Cencori.Edge.Prompts;

/// <summary>Puts the prompt that a request names in the place of its system messages. A request that names none costs two looks at its headers.</summary>
internal static class PromptStep
{
    /// <summary>To be done before the body is read, which may be much.</summary>
    /// <param name="exchange">Its headers may name a prompt.</param>
    /// <param name="isSession">It is for a WebSocket, on which anything may be said.</param>
    /// <param name="call">The prompt, whose project has it and all of whose variables have values; null: there is none.</param>
    /// <returns>Null, or why the request is refused.</returns>
    public static EdgeError? Read(Exchange exchange, bool isSession, out PromptCall? call)
    {
        if (PromptCall.Read(exchange.Context.Request.Headers, out call) is { } malformed)
        {
            return malformed;
        }

        // A client that sends the header with whatever it asks for may look at what it has begun.
        if (call is not null && !isSession && IsLook(exchange))
        {
            call = null;
        }

        return call is null ? null : Choose(exchange, call);
    }

    /// <summary>Which fields of the body have to be noted for <see cref="Apply"/>.</summary>
    public static NotedFields Noting(Exchange exchange, PromptCall? call) =>
        (MayBeInBody(exchange.Endpoint) ? NotedFields.Prompt : NotedFields.None) | (call is null ? NotedFields.None : NotedFields.Conversation);

    /// <param name="exchange">Whose content is read.</param>
    /// <param name="content">What it has.</param>
    /// <param name="call">As it was read of the headers.</param>
    /// <returns>Null, or why the request is refused.</returns>
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
            return new EdgeError(ErrorKind.UnsupportedMediaType, "With a prompt the request body must be application/json.");
        }

        if (body.HasSystemText)
        {
            return EdgeError.Invalid("The agent of this request has a system prompt of its own. Name no prompt, or take another agent.", call.NamePlace);
        }

        if (PromptTemplate.Render(exchange.Prompt!.Content, call.Values) is not { } text)
        {
            return new EdgeError(ErrorKind.RequestTooLarge, $"With its values the prompt is longer than {PromptTemplate.MaxRendered} characters.") { Param = call.ValuesPlace };
        }

        return SystemText.Replace(body, exchange.Endpoint.System, text);
    }

    // The body's own, which no provider gets to see.
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
            return EdgeError.Invalid("There is no place for a prompt here. Chats, responses and messages have one.", call.NamePlace);
        }

        if (!exchange.Caller!.Project.Prompts.TryGetValue(call.Name, out var prompt))
        {
            return new EdgeError(ErrorKind.NotFound, "There is no prompt of this name in this project.") { Param = call.NamePlace };
        }

        exchange.Prompt = prompt;
        return PromptValues.Check(call.Values, prompt.Variables, call.ValuesPlace);
    }

    // Elsewhere a member of that name is the provider's.
    private static bool MayBeInBody(EdgeEndpoint endpoint) => endpoint is { Errors: ErrorDialect.Flat, System: not SystemPromptLocation.None };

    private static bool IsLook(Exchange exchange)
    {
        var method = exchange.Context.Request.Method;
        return exchange.Endpoint.ShowsBackgroundWork || HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsDelete(method) || HttpMethods.IsOptions(method);
    }
}
