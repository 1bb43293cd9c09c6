using System.Text;
using System.Text.Json.Nodes;
using Cencori.Edge.Errors;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Forwarding;

namespace Cencori.Edge.Agents.Shadow;

/// <summary>Holds the answer to one request of an agent in shadow mode: records its tool calls, and says what the caller reads of them.</summary>
internal sealed class ShadowDesk(PendingActions actions, string projectId, Agent agent, HttpContext context, EventDialect events, bool isNative) : IAnswerHolder
{
    public const string PollPath = "/v1/agent/actions/poll";

    public Stream Hold(Stream answer, bool isEventStream) => new ShadowStream(answer, isEventStream, ShadowFormat.Of(events, isNative), this);

    /// <summary>Records the calls that are whole.</summary>
    /// <returns>What is told of them; null: there are none.</returns>
    public async ValueTask<JsonObject?> TakeAsync(ShadowFormat format, CancellationToken cancellation)
    {
        if (format.Ready.Count == 0)
        {
            return null;
        }

        ShadowJson.CheckCount(format.Ready.Count);
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

    /// <summary>What ends a stream that cannot go on.</summary>
    public ReadOnlyMemory<byte> Failed(Exception exception)
    {
        var error = ErrorOf(exception);
        return isNative
            ? Encoding.UTF8.GetBytes($"data: {ShadowJson.Text(new() { ["delta"] = "", ["finish_reason"] = "error", ["error"] = error.Message })}\n\n")
            : ErrorEvent.Format(error, events, context.TraceIdentifier, 0);
    }

    /// <summary>A document of which nothing has passed yet cannot pass.</summary>
    public void Fail(Exception exception) => context.Features.Get<Attempt>()?.Fault = ErrorOf(exception);

    private static EdgeError ErrorOf(Exception exception) => exception is ShadowException
        ? new(ErrorKind.ProviderError, $"The agent is in shadow mode, and the answer cannot be checked for tool calls. {exception.Message}")
        : EdgeError.Unavailable("The agent is in shadow mode, and its tool calls cannot be recorded at the moment.");
}
