using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Storage.Secrets;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Records.Payloads;

/// <summary>The decrypted payload of one request.</summary>
/// <param name="Request">The request body. Null: it was not kept.</param>
/// <param name="Response">The response. Null: it was not kept.</param>
/// <param name="RequestTruncated">True when the end of the request is missing.</param>
/// <param name="ResponseTruncated">True when the end of the response is missing.</param>
public sealed record Payload(string? Request, string? Response, bool RequestTruncated, bool ResponseTruncated)
{
    public static Payload None { get; } = new(null, null, false, false);
}

/// <summary>
/// Stores payloads in the database in encrypted form. A stored text can be decrypted only for the request and the part (request or response)
/// for which it was encrypted.
/// </summary>
public sealed partial class StoredPayloads(IDbContextFactory<EdgeDbContext> contexts, SecretSealer sealer, ILogger<StoredPayloads> logger)
{
    // Number of rows deleted in one transaction. A row may have 128 KiB, and SQLite blocks other writers during the transaction.
    private const int BatchSize = 16;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    // How long a deletion may take while a caller waits for it.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    public async Task WriteAsync(IEnumerable<(RequestRecord Record, PayloadCopy Payload)> payloads)
    {
        await using var database = await contexts.CreateDbContextAsync();
        database.Payloads.AddRange(payloads.Select(pending => Seal(pending.Record, pending.Payload)));
        await database.SaveChangesAsync();
    }

    /// <summary>Reads the payload of a request. <see cref="Payload.None"/>: none was kept, or it cannot be decrypted.</summary>
    public async Task<Payload> ReadAsync(EdgeDbContext database, RequestRecord record, CancellationToken cancellation)
    {
        var row = await database.Payloads.AsNoTracking()
            .FirstOrDefaultAsync(row => row.ProjectId == record.ProjectId && row.RequestId == record.RequestId && row.StartedAt == record.StartedAt, cancellation);
        try
        {
            return row is null ? Payload.None : new Payload(
                Open(row.SealedRequest, row, "request"), Open(row.SealedAnswer, row, "answer"), row.IsRequestTruncated, row.IsAnswerTruncated);
        }
        catch (CryptographicException exception)
        {
            Log.CannotOpen(logger, exception, record.RequestId, record.ProjectId);
            return Payload.None;
        }
    }

    /// <summary>Deletes the payloads of a deleted project. If this takes too long or fails, <see cref="DeleteOrphansAsync"/> deletes the rest later.</summary>
    public async Task DeleteAsync(string projectId)
    {
        try
        {
            await DeleteAsync(projectId, Timeout, CancellationToken.None);
        }
        catch (DbException)
        {
            // The project is deleted even if its payloads could not be deleted now.
        }
    }

    /// <summary>Deletes payloads of deleted projects, including payloads that were stored after the deletion.</summary>
    public async Task DeleteOrphansAsync(CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        for (var project = ""; project is not null;)
        {
            // Finds the next project id with one index lookup, because a query for all project ids would read the whole index.
            var last = project;
            project = await database.Payloads.Where(row => string.Compare(row.ProjectId, last) > 0).OrderBy(row => row.ProjectId).Select(row => row.ProjectId).FirstOrDefaultAsync(cancellation);
            if (project is not null && !await database.Projects.AnyAsync(row => row.Id == project, cancellation))
            {
                await DeleteAsync(project, TimeSpan.MaxValue, cancellation);
            }
        }
    }

    private async Task DeleteAsync(string projectId, TimeSpan timeout, CancellationToken cancellation)
    {
        var began = TimeProvider.System.GetTimestamp();
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        var batch = database.Payloads.Where(row => row.ProjectId == projectId).OrderBy(row => row.RequestId).Take(BatchSize).Select(row => row.Id);
        while (await database.Payloads.Where(row => batch.Contains(row.Id)).ExecuteDeleteAsync(cancellation) == BatchSize && TimeProvider.System.GetElapsedTime(began) < timeout)
        {
            await Task.Delay(Pause, TimeProvider.System, cancellation);
        }
    }

    private PayloadRecord Seal(RequestRecord record, PayloadCopy payload) => new()
    {
        ProjectId = record.ProjectId,
        RequestId = record.RequestId,
        StartedAt = record.StartedAt,
        SealedRequest = payload.Request is { } request ? sealer.Seal(request, Owner(record.ProjectId, record.RequestId, "request")) : null,
        IsRequestTruncated = payload.IsRequestTruncated,
        SealedAnswer = payload.Response.IsEmpty ? null : sealer.Seal(payload.Response, Owner(record.ProjectId, record.RequestId, "answer")),
        IsAnswerTruncated = payload.IsResponseTruncated,
        SealKeyId = sealer.SealKeyId,
    };

    // If the copy was truncated inside a character, the text ends with a replacement character.
    private string? Open(byte[]? sealedBytes, PayloadRecord row, string part) =>
        sealedBytes is null ? null : Encoding.UTF8.GetString(sealer.OpenBytes(sealedBytes, row.SealKeyId, Owner(row.ProjectId, row.RequestId, part)));

    private static string Owner(string projectId, string requestId, string part) => $"payload|{projectId}|{requestId}|{part}";

    private static partial class Log
    {
        [LoggerMessage(94, LogLevel.Error, "The payload of request {RequestId} of project {ProjectId} cannot be decrypted with any key of Secrets:MasterKey.", EventName = "CannotOpenPayload")]
        public static partial void CannotOpen(ILogger logger, Exception exception, string requestId, string projectId);
    }
}
