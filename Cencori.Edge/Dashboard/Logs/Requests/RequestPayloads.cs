using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Dashboard.Logs.Requests;

/// <summary>Finds out whether a request's payload is stored, or why not, and reads payloads. The audit log contains each read of a stored payload.</summary>
internal sealed class RequestPayloads(
    IDbContextFactory<EdgeDbContext> contexts, PayloadWriter writer, StoredPayloads stored, ProjectEditor projects, Changes changes, IOptions<UsageOptions> options, TimeProvider time)
{
    /// <summary>Returns whether the payload is stored, with an explanation. Does not read the payload.</summary>
    public async Task<PayloadState> FindAsync(RequestRecord record, CancellationToken cancellation)
    {
        await writer.FlushAsync().WaitAsync(cancellation);
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        var isKept = await database.Payloads.AnyAsync(row => row.ProjectId == record.ProjectId && row.RequestId == record.RequestId && row.StartedAt == record.StartedAt, cancellation);
        var days = options.Value.PayloadRetentionDays;
        if (isKept)
        {
            return new(IsKept: true, $"The payload is stored encrypted for {days} days after the request. The audit log notes each time that somebody opens it.", IsOff: false);
        }

        var isOn = (await projects.GetAsync(record.ProjectId)).Value.LogPayloads;
        var isPast = record.Provider is null || time.GetUtcNow() - record.StartedAt > TimeSpan.FromDays(days);
        return new(IsKept: false, Reason(record, isOn, days), IsOff: !isOn && !isPast);
    }

    /// <summary>Reads the payload and writes an audit row. <see cref="Payload.None"/>: no payload is stored, or it cannot be decrypted; no audit row.</summary>
    public async Task<Payload> ReadAsync(AuditActor actor, RequestRecord record, CancellationToken cancellation)
    {
        await writer.FlushAsync().WaitAsync(cancellation);
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        var payload = await stored.ReadAsync(database, record, cancellation);
        if (payload.Request is not null || payload.Response is not null)
        {
            await changes.NoteAsync(actor, new("payload.viewed", record.ProjectId, record.RequestId));
        }

        return payload;
    }

    private string Reason(RequestRecord record, bool isOn, int days) => record.Provider is null
        ? "The edge refused this request and sent nothing to a provider. Payloads of such requests are not kept."
        : time.GetUtcNow() - record.StartedAt > TimeSpan.FromDays(days) ? $"Payloads are kept for {days} days (Usage:PayloadRetentionDays), and this request is older."
        : !isOn ? "This project does not keep payloads."
        : "This payload was not kept. Payloads were off in this project when the request came, the payload was a file or audio, or storing it failed (the edge logs such failures).";
}

/// <param name="IsKept">True: the payload is stored and can be opened.</param>
/// <param name="Text">A sentence: how long the payload is stored, or why it is not stored.</param>
/// <param name="IsOff">
/// True: the payload is not stored, the project's setting to keep payloads is off, a provider received the request, and the request is not older than the
/// retention time of payloads. The page then links to the setting.
/// </param>
public sealed record PayloadState(bool IsKept, string Text, bool IsOff);
