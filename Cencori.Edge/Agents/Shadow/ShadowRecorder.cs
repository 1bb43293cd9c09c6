using System.Text.Json.Nodes;
using Cencori.Edge.Errors;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Providers.Forwarding.ResponseBodies;

namespace Cencori.Edge.Agents.Shadow;

/// <summary>Records the tool calls in the response to one request of an agent in shadow mode, and creates the notice for the caller.</summary>
internal sealed class ShadowRecorder(PendingActions actions, string projectId, Agent agent, HttpContext context, EventDialect events, bool isNative) : IResponseHolder
{
    public const string PollPath = "/v1/agent/actions/poll";

    public Stream Hold(Stream response, bool isEventStream) => new ShadowStream(response, isEventStream, ShadowFormat.Of(events, isNative), this);

    /// <summary>Records the complete calls.</summary>
    /// <returns>The notice about the calls. Null: there are no calls.</returns>
    public async ValueTask<JsonObject?> TakeAsync(ShadowFormat format, CancellationToken cancellation)
    {
        if (format.Ready.Count == 0)
        {
            return null;
        }

        var ids = await actions.AddAsync(projectId, agent.Id, context.TraceIdentifier, format.Ready, cancellation);
        var notice = new JsonObject
        {
            ["type"] = "shadow_approval_required",
            ["agent_id"] = agent.Id,
            ["pending_action_ids"] = new JsonArray([.. ids.Select(id => JsonValue.Create(id))]),
            ["poll_url"] = $"{PollPath}?ids={string.Join(',', ids)}",
            ["pending_actions"] = new JsonArray([.. format.Ready.Zip(ids, (call, id) => new JsonObject
            {
                ["id"] = id,
                ["call_id"] = call.CallId,
                ["tool"] = call.Tool,
                ["arguments"] = call.Arguments,
            })]),
        };
        format.Ready.Clear();
        return notice;
    }

    /// <summary>Creates the error event that ends a stream. The attempt counts as failed, even if the provider has sent the whole response.</summary>
    /// <param name="exception">The cause.</param>
    /// <param name="dropped">Number of events that were removed from the stream.</param>
    public ReadOnlyMemory<byte> Failed(Exception exception, int dropped)
    {
        var attempt = context.Features.Get<Attempt>();
        if (attempt is not null)
        {
            attempt.End = AttemptEnd.Failed;
            attempt.Break ??= exception;
            attempt.Owner.Complete(attempt);
        }

        var number = Math.Max(0, (attempt?.Meter?.NextSequenceNumber ?? 0) - dropped);
        return ErrorEvent.Format(ErrorOf(exception), isNative ? EventDialect.Native : events, context.TraceIdentifier, number);
    }

    /// <summary>Marks the attempt as failed. Call it before any byte of the document was sent.</summary>
    public void Fail(Exception exception) => context.Features.Get<Attempt>()?.Fault = ErrorOf(exception);

    private static EdgeError ErrorOf(Exception exception) => exception is ShadowException
        ? new(ErrorKind.ProviderError, $"The agent is in shadow mode, and the response cannot be checked for tool calls. {exception.Message}")
        : EdgeError.Unavailable("The agent is in shadow mode, and its tool calls cannot be recorded at the moment.");
}
