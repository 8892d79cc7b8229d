using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.Sealing.Hpke;

namespace Passthrough.Wire.Tests.Sealing;

public class SecrecyTests
{
    private const string Canary = "Canary-7f3a-password";

    [Fact]
    public void Nothing_that_holds_a_secret_prints_it_or_serializes_it()
    {
        using var rig = new Rig();
        using var attempt = Rig.Seal(password: Canary);
        using var opened = rig.Open(rig.Message(attempt));
        using var keyring = new SealingKeyring(rig.Agent);
        using var secret = PinnedSecret.Random(32);
        object[] holders = [attempt, opened, rig.Sender, rig.Receiver, rig.SealingKey, keyring, secret];
        var secrets = new[] { Convert.ToHexString(secret.Bytes), Convert.ToBase64String(secret.Bytes), Canary };
        foreach (var holder in holders)
        {
            // A type that says what it is: the default would name it too, and one day print a record's fields.
            Assert.NotEqual(holder.GetType().ToString(), holder.ToString());
            foreach (var text in secrets)
            {
                Assert.DoesNotContain(text, holder.ToString(), StringComparison.OrdinalIgnoreCase);
                Assert.DoesNotContain(text, Serialize(holder), StringComparison.OrdinalIgnoreCase);
            }

            Assert.DoesNotContain("ContentKey", Serialize(holder), StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void A_disposed_secret_is_zero_and_is_never_handed_out_again()
    {
        var secret = PinnedSecret.Random(32);
        var bytes = secret.Bytes;
        Assert.True(bytes.ContainsAnyExcept((byte)0));
        secret.Dispose();
        Assert.False(bytes.ContainsAnyExcept((byte)0));
        Assert.Throws<ObjectDisposedException>(() => secret.Bytes.Length);
    }

    [Fact]
    public void A_secret_stays_where_it_is()
    {
        using var secret = PinnedSecret.Random(32);
        nint Address() => AddressOf(secret);
        var before = Address();
        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
        Assert.Equal(before, Address());
    }

    [Fact]
    public unsafe void A_password_is_gone_from_the_stack_once_its_reader_returns()
    {
        using var rig = new Rig();
        using var attempt = Rig.Seal(password: Canary);
        using var opened = rig.Open(rig.Message(attempt));
        Assert.True(opened.TryOpenPassword(AddressOf, out var address));

        // Whatever lies there now, it is not the password.
        var left = new ReadOnlySpan<byte>((void*)address, Canary.Length).ToArray();
        Assert.NotEqual(Canary, Encoding.UTF8.GetString(left));
    }

    [Fact]
    public void A_reader_of_a_password_that_throws_is_heard()
    {
        using var rig = new Rig();
        using var attempt = Rig.Seal(password: Canary);
        using var opened = rig.Open(rig.Message(attempt));
        var fault = Assert.Throws<InvalidOperationException>(
            () => opened.TryOpenPassword<bool>(_ => throw new InvalidOperationException("reader"), out _));
        Assert.Equal("reader", fault.Message);
        Assert.Equal(Canary, Rig.Password(opened));
    }

    [Fact]
    public void The_sealed_message_holds_no_plaintext()
    {
        using var rig = new Rig();
        using var attempt = Rig.Seal(password: Canary);
        var message = rig.Message(attempt);
        Assert.Equal(-1, message.SealedPassword.Span.IndexOf(Encoding.UTF8.GetBytes(Canary).AsSpan(0, 8)));
    }

    [Fact]
    public void Fixed_keys_go_in_by_a_door_that_only_these_tests_can_open()
    {
        var friends = typeof(SealedAttempt).Assembly
            .GetCustomAttributes(typeof(InternalsVisibleToAttribute), inherit: false)
            .Cast<InternalsVisibleToAttribute>()
            .Select(friend => friend.AssemblyName);
        Assert.Equal(["Passthrough.Wire.Tests"], friends);

        var doors = typeof(SealedAttempt).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(
                System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.Instance
                | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic))
            .Where(method => method.Name.EndsWith("WithKnownKey", StringComparison.Ordinal))
            .ToList();
        Assert.Equal(3, doors.Count);
        Assert.All(doors, door => Assert.True(door.IsAssembly));
    }

    private static string Serialize(object holder)
    {
        try
        {
            return JsonSerializer.Serialize(holder, holder.GetType());
        }
        catch (Exception fault) when (fault is NotSupportedException or InvalidOperationException)
        {
            return "";
        }
    }

    private static unsafe nint AddressOf(PinnedSecret secret) => (nint)Unsafe.AsPointer(ref secret.Bytes[0]);

    private static unsafe nint AddressOf(ReadOnlySpan<byte> bytes) => (nint)Unsafe.AsPointer(ref Unsafe.AsRef(in bytes[0]));
}
