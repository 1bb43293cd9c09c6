using Cencori.Edge.Records;
using Cencori.Edge.Records.Spool;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using CsCheck;

namespace Cencori.Edge.Tests.Records.Spool;

public sealed class SpoolTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("edge-spool-");

    [Fact]
    public void Records_are_read_back_unchanged_and_in_order() => Some.AnyRecord.Array[1, 50].Sample(
        records =>
        {
            using var spool = New(writer: 1);
            spool.TryAppend(Number(records).AsSpan(0, records.Length / 2));
            spool.TryAppend(Number(records).AsSpan(records.Length / 2));

            Assert.Equivalent(Number(records), Drain(spool, atOnce: 7), strict: true);
            Assert.Empty(_directory.GetFiles());
        },
        iter: 50,
        threads: 1);

    [Fact]
    public void The_spool_of_an_ended_process_is_complete_up_to_a_truncated_record()
    {
        var records = Number([.. Enumerable.Range(0, 20).Select(_ => Some.Record())]);
        using (var spool = New(writer: 1))
        {
            spool.TryAppend(records);
        }

        var file = Assert.Single(_directory.GetFiles());
        var length = file.Length;
        for (var cut = 1; cut < length / 20; cut += 11)
        {
            using (var stream = file.OpenWrite())
            {
                stream.SetLength(length - cut);
            }

            using var left = Assert.Single(RecordSpool.TakeOver(_directory.FullName));
            Assert.Equal(1, left.WriterId);
            Assert.Equal(19, left.Read(100, out _).Length);
        }
    }

    [Fact]
    public void A_changed_byte_is_detected()
    {
        using (var spool = New(writer: 1))
        {
            spool.TryAppend(Number([Some.Record(), Some.Record()]));
        }

        var file = Assert.Single(_directory.GetFiles()).FullName;
        var bytes = File.ReadAllBytes(file);
        bytes[^5] ^= 1;
        File.WriteAllBytes(file, bytes);

        using var left = Assert.Single(RecordSpool.TakeOver(_directory.FullName));
        Assert.Single(left.Read(100, out var read));
        Assert.Equal(bytes.Length / 2, read);
    }

    [Fact]
    public void The_spool_of_a_running_process_is_not_taken_over()
    {
        using var spool = New(writer: 1);
        spool.TryAppend(Number([Some.Record()]));

        Assert.Empty(RecordSpool.TakeOver(_directory.FullName));
        Assert.False(spool.IsEmpty);
    }

    [Fact]
    public void The_size_limit_holds_and_the_space_is_free_again_after_emptying()
    {
        using var spool = New(writer: 1, maxBytes: 1_000);
        var record = Number([Some.Record()]);
        var taken = 0;
        while (spool.TryAppend(record))
        {
            taken++;
        }

        Assert.InRange(taken, 3, 10);
        Assert.InRange(spool.Bytes, 500, 1_000);
        Assert.Equal(taken, Drain(spool, atOnce: 2).Count);
        Assert.True(spool.TryAppend(record));
    }

    public void Dispose() => RunDirectory.Delete(_directory.FullName);

    private static PendingRecord[] Number(RequestRecord[] records) => [.. records.Select((record, index) => new PendingRecord(record, index + 1, index % 3 != 0))];

    private static List<PendingRecord> Drain(RecordSpool spool, int atOnce)
    {
        var drained = new List<PendingRecord>();
        while (!spool.IsEmpty)
        {
            drained.AddRange(spool.Read(atOnce, out var bytes));
            spool.Remove(bytes);
        }

        return drained;
    }

    private RecordSpool New(long writer, long maxBytes = 1_000_000) => new(_directory.FullName, writer, maxBytes);
}
