using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Egress;
using Cencori.Edge.Errors;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Admin.Policies;

/// <summary>Tries the webhook of a project's policies, as it is stored.</summary>
internal sealed class PolicyWebhookTester(PolicyEditor policies, Changes changes, SignedWebhook webhook, TimeProvider time)
{
    private readonly Throttle<string> _tests = new("The webhook of this project", "tested", time);

    /// <summary>Sends what looks like an event, and says that it is a test. Once: whoever asks waits for it.</summary>
    /// <exception cref="RefusedException">There is no webhook, or it was tested a moment ago.</exception>
    public async Task<WebhookTestView> TestAsync(AuditActor actor, string projectId)
    {
        if ((await policies.StoredAsync(projectId)).Webhook is not { } settings)
        {
            throw new RefusedException(EdgeError.Invalid("These policies have no webhook that could be tried.", "webhook"));
        }

        _tests.Begin(projectId);

        // Noted before: what has been sent is never missing there.
        await changes.NoteAsync(actor, new("policies.webhook_tested", projectId, projectId));
        var sent = await PolicyWebhook.Of(settings, policies.SecretsOf(projectId)).SendAsync(webhook, Example(projectId), tries: 1, CancellationToken.None);
        return new(sent.Status, sent.Fault);
    }

    private BlockEvent Example(string projectId) => new()
    {
        At = time.GetUtcNow(),
        ProjectId = projectId,
        RequestId = "req_test",
        KeyId = "key_test",
        Environment = "test",
        Endpoint = "POST /v1/chat/completions",
        Model = null,
        Stage = "input",
        Reasons = ["rule.test"],
        Rules = [new("test", "words", "block", 1, "messages[0].content")],
        IsTest = true,
    };
}

/// <param name="Status">Of its response; null: there was none.</param>
/// <param name="Fault">Why it did not take the event; null: it did.</param>
public sealed record WebhookTestView(int? Status, string? Fault);
