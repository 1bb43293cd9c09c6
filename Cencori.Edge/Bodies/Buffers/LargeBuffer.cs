using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cencori.Edge.Bodies.Buffers;

/// <summary>
/// Unmanaged memory for a large body. The garbage collector does not return memory while the process is idle. This buffer returns it to the
/// operating system on disposal, except for a few small buffers that are kept for the next bodies.
/// </summary>
/// <remarks>Not thread-safe. Do not use it after disposal: another body may own the memory by then.</remarks>
internal sealed unsafe partial class LargeBuffer : MemoryManager<byte>
{
    /// <summary>From this size on, the allocator maps each block separately and can return it to the operating system.</summary>
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
            // By default glibc raises this threshold after a large block is freed, and then keeps blocks of that size in the process.
            _ = SetAllocator(MmapThreshold, SmallestBytes);
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            // The allocator is not glibc. Other allocators return large blocks to the operating system by themselves.
        }
    }

    /// <param name="atLeast">Smallest size in bytes, more than 64 KiB.</param>
    public LargeBuffer(int atLeast)
    {
        _length = SizeOf(atLeast);
        _bytes = Rent(_length);
    }

    /// <summary>Grows the buffer and keeps its content. Spans taken before this call are invalid afterwards.</summary>
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

    /// <summary>The size, in bytes, that is allocated for a buffer of at least <paramref name="atLeast"/> bytes.</summary>
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
