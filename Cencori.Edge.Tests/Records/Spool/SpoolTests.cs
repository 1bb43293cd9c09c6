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

    [Fact]
    public void The_space_of_removed_records_is_free_again_while_the_spool_is_never_empty()
    {
        const int MaxBytes = 10_000;
        using (var spool = New(writer: 1, MaxBytes))
        {
            Assert.True(spool.TryAppend([new PendingRecord(Some.Record(id: "0"), 1, HasRow: true)]));
            for (var number = 1; number <= 500; number++)
            {
                Assert.True(spool.TryAppend([new PendingRecord(Some.Record(id: $"{number}"), number + 1, HasRow: true)]));
                Assert.Equal($"{number - 1}", Assert.Single(spool.Read(1, out var bytes)).Record.RequestId);
                spool.Remove(bytes);
                Assert.InRange(Assert.Single(_directory.GetFiles()).Length, 1, MaxBytes);
            }
        }

        using var left = Assert.Single(RecordSpool.TakeOver(_directory.FullName));
        Assert.Equal("500", Drain(left, atOnce: 10)[^1].Record.RequestId);
        Assert.Empty(_directory.GetFiles());
    }

    [Fact]
    public void A_spool_that_cannot_be_rewritten_loses_no_record_and_has_a_limit()
    {
        Directory.CreateDirectory(Path.Combine(_directory.FullName, "0000000000000001.spool.copy"));
        using var spool = New(writer: 1, maxBytes: 10_000);
        var appended = 0;
        while (spool.TryAppend([new PendingRecord(Some.Record(id: $"{appended}"), appended + 1, HasRow: true)]))
        {
            appended++;
            if (appended > 1)
            {
                Assert.Equal($"{appended - 2}", Assert.Single(spool.Read(1, out var bytes)).Record.RequestId);
                spool.Remove(bytes);
            }
        }

        Assert.InRange(Assert.Single(_directory.GetFiles()).Length, 20_000, 21_000);
        Assert.Equal($"{appended - 1}", Assert.Single(spool.Read(10, out _)).Record.RequestId);
    }

    [Fact]
    public void An_append_after_disposal_does_not_change_the_file()
    {
        var spool = New(writer: 1);
        spool.TryAppend(Number([Some.Record(), Some.Record()]));
        spool.Dispose();

        Assert.ThrowsAny<IOException>(() => spool.TryAppend(Number([Some.Record()])));
        using var left = Assert.Single(RecordSpool.TakeOver(_directory.FullName));
        Assert.Equal(2, left.Read(100, out _).Length);
    }

    [Fact]
    public void A_file_that_was_left_under_the_name_of_the_spool_is_set_aside()
    {
        foreach (var content in (string[])["first", "second"])
        {
            File.WriteAllText(Path.Combine(_directory.FullName, "0000000000000001.spool"), content);
            using var spool = New(writer: 1);
            Assert.True(spool.TryAppend(Number([Some.Record()])));
            Assert.Single(Drain(spool, atOnce: 10));
        }

        Assert.Equal(["first", "second"], _directory.GetFiles("*" + UnreadableSpool.Extension).Select(file => File.ReadAllText(file.FullName)).Order());
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
