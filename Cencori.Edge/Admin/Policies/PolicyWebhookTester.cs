using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Egress;
using Cencori.Edge.Errors;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Admin.Policies;

/// <summary>Tests the stored webhook of a project's policies.</summary>
internal sealed class PolicyWebhookTester(PolicyEditor policies, Changes changes, SignedWebhook webhook, TimeProvider time)
{
    private readonly Throttle<string> _tests = new("The webhook of this project", "tested", time);

    /// <summary>Sends one event that is marked as a test. A failed delivery is not retried, because the caller waits.</summary>
    /// <exception cref="RefusedException">The policies have no webhook, or it was tested a moment ago.</exception>
    public async Task<WebhookTestView> TestAsync(AuditActor actor, string projectId)
    {
        if ((await policies.StoredAsync(projectId)).Webhook is not { } settings)
        {
            throw new RefusedException(EdgeError.Invalid("To test a webhook, the policies must have one. Add a webhook first.", "webhook"));
        }

        _tests.Begin(projectId);

        // The audit entry is written first, so that every sent event has one.
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

/// <param name="Status">HTTP status of the webhook's response. Null: no response.</param>
/// <param name="Fault">Why the delivery failed. Null: it succeeded.</param>
public sealed record WebhookTestView(int? Status, string? Fault);
