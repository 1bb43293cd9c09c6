using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Cencori.Edge.Errors;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Memory.Api;

/// <summary>Export and import of entries as JSON lines.</summary>
internal static partial class MemoryApi
{
    private static async Task ExportAsync(MemoryRequest request)
    {
        if (await FindAsync(request) is not { } space)
        {
            return;
        }

        request.Context.Response.ContentType = "application/x-ndjson; charset=utf-8";
        request.Context.Response.Headers.CacheControl = "no-store";
        var after = (string?)null;
        List<StoredMemory> some;
        do
        {
            some = await request.Store.ListAsync(space, after, MaxListed, request.Aborted);
            foreach (var memory in some)
            {
                await WriteLineAsync(request.Context.Response, memory);
                after = memory.Id;
            }

            await request.Context.Response.BodyWriter.FlushAsync(request.Aborted);
        }
        while (some.Count == MaxListed);
    }

    private static async Task WriteLineAsync(HttpResponse response, StoredMemory memory)
    {
        await using (var json = new Utf8JsonWriter(response.BodyWriter))
        {
            json.WriteStartObject();
            json.WriteString("id", memory.Id);
            json.WriteString("content", memory.Content);
            MemoryResponses.WriteMetadata(json, memory.Metadata);
            if (memory.ExpiresAt is { } time)
            {
                json.WriteString("expiresAt", time.UtcDateTime);
            }

            json.WriteEndObject();
        }

        response.BodyWriter.Write("\n"u8);
    }

    /// <summary>
    /// Stores all lines in batches, in order. Entries keep their ids. An entry without an id gets one derived from its content, and an entry that is
    /// already stored is not changed, so that a client can repeat an interrupted import. Entries that have expired are skipped.
    /// </summary>
    private static async Task ImportAsync(MemoryRequest request)
    {
        if (await FindAsync(request) is not { } space || await request.ReadAllAsync() is not { } body)
        {
            return;
        }

        List<NewMemory>? memories;
        using (body)
        {
            memories = ReadLines(body.Span, space.Id, request.Context.Request.Query["ids"] == "new", request.Get<IOptions<MemoryOptions>>().Value.MaxEntries, request.Time.GetUtcNow(), out var wrong);
            if (wrong is not null)
            {
                await request.Context.Refuse(wrong);
                return;
            }
        }

        var (stored, embedded) = (0, 0);
        foreach (var some in memories.Chunk(MaxItems))
        {
            var (added, error) = await request.Get<MemoryWriter>().StoreAsync(request.Caller, space.Id, some, request.Aborted);
            if (error is not null)
            {
                var next = error.Kind == ErrorKind.Conflict ? "import with ?ids=new to give the entries new ids" : "send the same request again to continue";
                await request.Context.Refuse(error with { Message = $"{error.Message} {stored} of {memories.Count} entries are stored; {next}." });
                return;
            }

            stored += added.Count;
            embedded += added.Count(memory => memory.IsEmbedded);
        }

        await request.Context.RespondAsync(StatusCodes.Status200OK, json =>
        {
            json.WriteString("namespace", space.Name);
            json.WriteNumber("count", stored);
            json.WriteNumber("embedded", embedded);
        });
    }

    private static List<NewMemory> ReadLines(ReadOnlySpan<byte> text, string namespaceId, bool withNewIds, int max, DateTimeOffset now, out EdgeError? wrong)
    {
        wrong = null;
        var memories = new List<NewMemory>();
        var times = new Dictionary<string, int>(StringComparer.Ordinal);
        var line = 0;
        while (!text.IsEmpty && wrong is null)
        {
            var end = text.IndexOf((byte)'\n');
            var one = text[..(end < 0 ? text.Length : end)].Trim(" \t\r"u8);
            text = end < 0 ? [] : text[(end + 1)..];
            line++;
            if (one.IsEmpty)
            {
                continue;
            }

            if (memories.Count == max)
            {
                wrong = EdgeError.Invalid($"The body must have at most {max} entries. A namespace cannot hold more.", "body");
                return memories;
            }

            wrong = MemoryDocument.Parse(one.ToArray(), out var document);
            if (document is null)
            {
                wrong = EdgeError.Invalid(string.Create(CultureInfo.InvariantCulture, $"Line {line} is not a JSON object: {wrong!.Message}"), "body");
                return memories;
            }

            using (document)
            {
                var place = string.Create(CultureInfo.InvariantCulture, $"line {line}: ");
                var body = new MemoryBody(document.RootElement, place);
                var isOver = body.IsPast("expiresAt", now);
                var memory = Read(body, isOver ? DateTimeOffset.MinValue : now);
                wrong = body.End();
                if (!isOver)
                {
                    memories.Add(memory.Id is null || withNewIds ? memory with { Id = IdOf(memory, namespaceId, times) } : memory);
                }
            }
        }

        wrong ??= Repeated(memories);
        return memories;
    }

    // Derives an entry's id from its content, and from how often an equal line occurred before, so that equal lines get different ids.
    private static string IdOf(NewMemory memory, string namespaceId, Dictionary<string, int> times)
    {
        var said = $"{namespaceId}\0{memory.Content}\0{memory.Metadata}\0{memory.ExpiresAt?.ToUnixTimeMilliseconds()}";
        times[said] = times.GetValueOrDefault(said) + 1;
        return $"{NewMemory.IdPrefix}{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{said}\0{times[said]}")).AsSpan(0, 16))}";
    }
}
