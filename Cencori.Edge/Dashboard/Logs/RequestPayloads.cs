using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Dashboard.Logs;

/// <summary>What was said in a request: whether it is there, and if not, why; and itself, for whoever asks for it and is noted.</summary>
internal sealed class RequestPayloads(
    IDbContextFactory<EdgeDbContext> contexts, PayloadWriter writer, StoredPayloads stored, ProjectEditor projects, Changes changes, IOptions<UsageOptions> options, TimeProvider time)
{
    /// <summary>Reads nothing of what was said.</summary>
    public async Task<PayloadState> FindAsync(RequestRecord record, CancellationToken cancellation)
    {
        await writer.FlushAsync().WaitAsync(cancellation);
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        var isKept = await database.Payloads.AnyAsync(row => row.ProjectId == record.ProjectId && row.RequestId == record.RequestId && row.StartedAt == record.StartedAt, cancellation);
        var days = options.Value.PayloadRetentionDays;
        if (isKept)
        {
            return new(IsKept: true, $"It is kept until {days} days after the request, sealed. Looking at it is noted in the audit log.", IsOff: false);
        }

        var isOn = (await projects.GetAsync(record.ProjectId)).Value.LogPayloads;
        var isPast = record.Provider is null || time.GetUtcNow() - record.StartedAt > TimeSpan.FromDays(days);
        return new(IsKept: false, Reason(record, isOn, days), IsOff: !isOn && !isPast);
    }

    /// <summary>Opens it, and notes who has looked at it. <see cref="Payload.None"/>: there is nothing.</summary>
    public async Task<Payload> ReadAsync(AuditActor actor, RequestRecord record, CancellationToken cancellation)
    {
        await writer.FlushAsync().WaitAsync(cancellation);
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        var payload = await stored.ReadAsync(database, record, cancellation);
        if (payload.Request is not null || payload.Answer is not null)
        {
            await changes.NoteAsync(actor, new("payload.viewed", record.ProjectId, record.RequestId));
        }

        return payload;
    }

    private string Reason(RequestRecord record, bool isOn, int days) => record.Provider is null
        ? "The edge refused this request, and nothing of it went to a provider. Of such requests nothing is kept."
        : time.GetUtcNow() - record.StartedAt > TimeSpan.FromDays(days) ? $"What was said is kept for {days} days (Usage:PayloadRetentionDays), and this request is older."
        : !isOn ? "This project does not keep what is said in its requests."
        : "Nothing is kept of this one: the switch was off when it came, it was a file or sound and no text, or storing it failed. The edge logs failures to store.";
}

/// <param name="IsKept">It can be looked at.</param>
/// <param name="Text">For how long, or why not.</param>
/// <param name="IsOff">The project's switch is off.</param>
public sealed record PayloadState(bool IsKept, string Text, bool IsOff);
