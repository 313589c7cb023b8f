package client

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kedacore/keda/v2/pkg/scalers"
)

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  string
}

// pair is a certificate and its key as PEM text.
type pair struct{ cert, key string }

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	key := newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{cert, key, pemText("CERTIFICATE", der)}
}

// sign makes a pair for serving on 127.0.0.1 and for asking.
func (a *authority) sign(t *testing.T, name string) pair {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	key := newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	keyDer, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pair{pemText("CERTIFICATE", der), pemText("PRIVATE KEY", keyDer)}
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func pemText(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// startTLSScaler serves the pair; clients need a certificate of `clients` where it is given.
func startTLSScaler(t *testing.T, server pair, clients *authority) string {
	t.Helper()
	folder := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	flags := []string{"--tls-cert-file=" + write("tls.crt", server.cert), "--tls-key-file=" + write("tls.key", server.key)}
	if clients != nil {
		flags = append(flags, "--tls-client-ca-file="+write("ca.crt", clients.pem))
	}
	return startScaler(t, flags...)
}

// authentication is what a TriggerAuthentication gives KEDA's client.
func authentication(server *authority, client *pair) map[string]string {
	params := map[string]string{}
	if server != nil {
		params["caCert"] = server.pem
	}
	if client != nil {
		params["tlsClientCert"], params["tlsClientKey"] = client.cert, client.key
	}
	return params
}

func TestMutualTLS(t *testing.T) {
	p := servePage(t)
	p.running.Store(12)
	servers, clients := newAuthority(t, "servers"), newAuthority(t, "clients")
	keda := clients.sign(t, "keda")
	config := trigger(startTLSScaler(t, servers.sign(t, "scaler"), clients), shortSpans(p))
	config.AuthParams = authentication(servers, &keda)
	scaler, err := scalers.NewExternalPushScaler(config)
	if err != nil {
		t.Fatal(err)
	}
	defer scaler.Close(context.Background())
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	pushed := make(chan bool)
	go scaler.Run(ctx, pushed)
	eventually(t, "the value is 12", func() (bool, string) {
		milli, active, err := ask(t, scaler)
		return err == nil && milli == 12000 && active, fmt.Sprint(milli, active, err)
	})
	select {
	case active := <-pushed:
		if !active {
			t.Fatal("false was pushed")
		}
	case <-time.After(deadline):
		t.Fatal("nothing was pushed")
	}
}

func TestTLSWithoutClientCertificates(t *testing.T) {
	p := servePage(t)
	p.running.Store(12)
	servers := newAuthority(t, "servers")
	config := trigger(startTLSScaler(t, servers.sign(t, "scaler"), nil), shortSpans(p))
	config.AuthParams = authentication(servers, nil)
	scaler, err := scalers.NewExternalScaler(config)
	if err != nil {
		t.Fatal(err)
	}
	defer scaler.Close(context.Background())
	eventually(t, "the value is 12", func() (bool, string) {
		milli, active, err := ask(t, scaler)
		return err == nil && milli == 12000 && active, fmt.Sprint(milli, active, err)
	})
}

func TestWhoIsNotTrustedGetsAnErrorAtOnce(t *testing.T) {
	p := servePage(t)
	p.running.Store(12)
	servers, clients := newAuthority(t, "servers"), newAuthority(t, "clients")
	keda, stranger := clients.sign(t, "keda"), newAuthority(t, "strangers").sign(t, "keda")
	address := startTLSScaler(t, servers.sign(t, "scaler"), clients)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	// In TLS 1.3 the client is done before the server has seen its certificate: it may find the connection cut when it
	// writes, before it has read why.
	cut := []string{"broken pipe", "connection reset", "EOF", "error reading server preface"}
	refused := []struct {
		name, address string
		params        map[string]string
		// One of these is in the error.
		words []string
	}{
		{"no TLS", address, nil, []string{"error reading server preface"}},
		{"no client certificate", address, authentication(servers, nil), append(cut, "certificate required")},
		{"a client certificate of another authority", address, authentication(servers, &stranger),
			append(cut, "certificate required", "unknown certificate authority", "bad certificate")},
		{"a server of another authority", address, authentication(clients, &keda), []string{"unknown authority"}},
		{"another name", "localhost:" + port, authentication(servers, &keda), []string{"localhost"}},
	}
	for _, c := range refused {
		t.Run(c.name, func(t *testing.T) {
			config := trigger(c.address, shortSpans(p))
			config.AuthParams = c.params
			scaler, err := scalers.NewExternalScaler(config)
			if err != nil {
				t.Fatal(err)
			}
			defer scaler.Close(context.Background())
			started := time.Now()
			if specs := scaler.GetMetricSpecForScaling(context.Background()); len(specs) != 0 {
				t.Fatalf("it got %v", specs)
			}
			values, active, err := scaler.GetMetricsAndActivity(context.Background(), "s0-anything")
			if err == nil {
				t.Fatalf("it got %v, active %t", values, active)
			}
			if took := time.Since(started); took > 10*time.Second {
				t.Fatalf("it took %s to say %v", took, err)
			}
			for _, words := range c.words {
				if strings.Contains(err.Error(), words) {
					return
				}
			}
			t.Fatalf("none of %q in: %v", c.words, err)
		})
	}
	if len(refused) != 5 {
		t.Fatal("a case is missing")
	}
}
