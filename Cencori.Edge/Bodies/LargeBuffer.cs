using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cencori.Edge.Bodies;

/// <summary>
/// Memory for a large body. It is not the garbage collector's, which has no reason to give memory back while nothing goes on: the system has
/// this again as soon as it is disposed, but for a few small ones that are kept for the next bodies.
/// </summary>
/// <remarks>Not safe for use from several threads. Never used after it is disposed: its memory may be another body's then.</remarks>
internal sealed unsafe partial class LargeBuffer : MemoryManager<byte>
{
    /// <summary>From here on the allocator takes memory from the system for each piece of its own.</summary>
    public const int SmallestBytes = 128 * 1024;

    private const int LargestKeptBytes = 1024 * 1024;
    private const int MaxKeptOfASize = 8;
    private const int MmapThreshold = -3;

    private static readonly Lock Gate = new();
    private static readonly Stack<nint>[] Kept = [.. Enumerable.Range(0, IndexOf(LargestKeptBytes) + 1).Select(_ => new Stack<nint>(MaxKeptOfASize))];

    private byte* _bytes;
    private int _length;

    static LargeBuffer()
    {
        try
        {
            // By default glibc learns from what it is given back to keep as much the next time.
            _ = SetAllocator(MmapThreshold, SmallestBytes);
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            // Other allocators give large pieces back by themselves.
        }
    }

    /// <param name="atLeast">More than 64 KiB, in bytes.</param>
    public LargeBuffer(int atLeast)
    {
        _length = SizeOf(atLeast);
        _bytes = Rent(_length);
    }

    /// <summary>Makes room for more; what is there stays. Spans of before must not be used any more.</summary>
    public void Grow(int atLeast)
    {
        var length = SizeOf(atLeast);
        if (_length > LargestKeptBytes)
        {
            _bytes = (byte*)NativeMemory.Realloc(_bytes, (nuint)length);
        }
        else
        {
            var larger = Rent(length);
            new ReadOnlySpan<byte>(_bytes, _length).CopyTo(new Span<byte>(larger, length));
            Return(_bytes, _length);
            _bytes = larger;
        }

        _length = length;
    }

    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_bytes is null, this);
        return new(_bytes, _length);
    }

    public override MemoryHandle Pin(int elementIndex = 0) => new(Unsafe.AsPointer(ref GetSpan()[elementIndex]));

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (_bytes is not null)
        {
            Return(_bytes, _length);
            _bytes = null;
        }
    }

    /// <summary>What a buffer of so many bytes takes.</summary>
    internal static int SizeOf(int atLeast) => atLeast > LargestKeptBytes ? atLeast : Math.Max(SmallestBytes, (int)BitOperations.RoundUpToPowerOf2((uint)atLeast));

    private static byte* Rent(int length)
    {
        if (length <= LargestKeptBytes)
        {
            lock (Gate)
            {
                if (Kept[IndexOf(length)].TryPop(out var kept))
                {
                    return (byte*)kept;
                }
            }
        }

        return (byte*)NativeMemory.Alloc((nuint)length);
    }

    private static void Return(byte* bytes, int length)
    {
        if (length <= LargestKeptBytes)
        {
            lock (Gate)
            {
                if (Kept[IndexOf(length)] is { Count: < MaxKeptOfASize } kept)
                {
                    kept.Push((nint)bytes);
                    return;
                }
            }
        }

        NativeMemory.Free(bytes);
    }

    private static int IndexOf(int length) => BitOperations.Log2((uint)length / SmallestBytes);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetAllocator(int option, int value);
}
